import { words } from "../../components/text/words";
import { parameter } from "./parameter-controls";
import { allowedBy, deniesAll, isHeldTo, statementsOf } from "./policy";
import { type Rules, ofType } from "./control";
import { type Subject, field } from "./subject";
import { INSTANCE, is, says, ownKey, refers, beside } from "./questions";

const TOPIC = "sns/topic";

/** What every server is watched for. */
const METRICS = words(`
  CPUUtilization DBLoad DatabaseConnections DiskQueueDepth FreeStorageSpace FreeableMemory
  ReadIOPS ReadLatency ReadThroughput SwapUsage WriteIOPS WriteLatency WriteThroughput`);

export const watchingRules: readonly Rules[] = [
  // Of a server, by what is said elsewhere in the plan.
  ofType(INSTANCE, [
    [
      "alarms",
      "an alarm on each figure",
      (server) => METRICS.every((metric) => isWatched(server, metric)),
    ],
    [
      "alarms",
      "an alarm on how far it is behind, or on its age",
      (server) =>
        server.has("replicateSourceDb")
          ? isWatched(server, "ReplicaLag")
          : isWatched(server, "MaximumUsedTransactionIDs"),
    ],
    ["alarms", "alarms at 80 and 90 % of its connections", watchesConnections],
    [
      "RDS.20",
      "its events told",
      (server) => tells(server, "db-instance", ["maintenance", "configuration change", "failure"]),
    ],
    [
      "RDS.22",
      "changes of its security groups told",
      (server) => tells(server, "db-security-group", ["configuration change", "failure"]),
    ],
    [
      "RDS.21",
      "changes of its parameters told",
      (server) => tells(server, "db-parameter-group", ["configuration change"]),
    ],
  ]),
  ofType("cloudwatch/metricAlarm", [
    ["CKV_AWS_319", "actions that are done", is("actionsEnabled", true)],
    ["CKV_AWS_319", "a topic of the stack's that it tells", beside("alarmActions", TOPIC)],
    ["CKV_AWS_319", "an end that is told as well", refers("okActions", TOPIC)],
    ["alarms", "an answer to figures that are missing", says("treatMissingData")],
    ["alarms", "words on what to do", says("alarmDescription")],
  ]),
  ofType(TOPIC, [
    ["SNS.1", "encrypted with a key of the stack's", ownKey("kmsMasterKeyId")],
    ["SNS.4", "messages of this account's services alone", isOfServices],
    [
      "TLS",
      "no message in the clear",
      (topic) =>
        statementsOf(policyOf(topic)).some((each) =>
          deniesAll(each, ["sns:Publish"], ["Bool aws:SecureTransport", "false"]),
        ),
    ],
  ]),
  ofType("sns/topicSubscription", [
    ["TLS", "no way that is in the clear", (each) => each.text("protocol") !== "http"],
    ["SNS.4", "to a topic of the stack's", refers("topic", TOPIC)],
  ]),
];

function alarmsOf(server: Subject, metric: string): readonly Subject[] {
  return server.plan
    .of("cloudwatch/metricAlarm")
    .filter(
      (alarm) =>
        alarm.isBeside(server) && figuresOf(alarm).some((each) => isFigure(each, server, metric)),
    );
}

/** What an alarm looks at: one figure, or those that it computes one from. */
function figuresOf(alarm: Subject): readonly unknown[] {
  const own = { metricName: alarm.value("metricName"), dimensions: alarm.value("dimensions") };
  return [own, ...alarm.list("metricQueries").map((query) => field(query, "metric"))];
}

function isFigure(figure: unknown, server: Subject, metric: string): boolean {
  const identifier = field(figure, "dimensions.DBInstanceIdentifier");
  return field(figure, "metricName") === metric && identifier === server.value("identifier");
}

function isWatched(server: Subject, metric: string): boolean {
  return alarmsOf(server, metric).length > 0;
}

function watchesConnections(server: Subject): boolean {
  const group = server.target("parameterGroupName", "rds/parameterGroup");
  const most = Number(group && parameter(group, "max_connections"));
  const thresholds = alarmsOf(server, "DatabaseConnections").map((alarm) =>
    alarm.number("threshold"),
  );
  return [0.8, 0.9].every((share) => thresholds.some((each) => Math.abs(each - share * most) <= 1));
}

/** Whether a subscription tells such events of the server's to a topic of the stack's. */
function tells(server: Subject, source: string, categories: readonly string[]): boolean {
  return server.plan
    .of("rds/eventSubscription")
    .some(
      (each) =>
        each.isBeside(server) &&
        each.is("enabled", true) &&
        each.is("sourceType", source) &&
        each.refers("snsTopic", TOPIC) &&
        categories.every((category) => each.list("eventCategories").includes(category)) &&
        (!each.has("sourceIds") || each.list("sourceIds").includes(server.value("identifier"))),
    );
}

const PUBLISHERS = ["cloudwatch", "events.rds", "backup"].map(
  (name) => `Service ${name}.amazonaws.com`,
);

function policyOf(topic: Subject): unknown {
  return topic.companions("sns/topicPolicy", "arn")[0]?.value("policy");
}

function isOfServices(topic: Subject): boolean {
  const allowed = allowedBy(policyOf(topic));
  return (
    allowed.length > 0 &&
    allowed.every(
      (each) =>
        each.principals.every((principal) => PUBLISHERS.includes(principal)) &&
        each.actions.join() === "sns:Publish" &&
        isHeldTo(each, "aws:SourceAccount", topic.plan.accounts),
    )
  );
}
