import { splitWords } from "../../components/text/words";
import { parameter } from "./parameter-controls";
import { allowStatements, deniesAll, isLimitedTo, statementsOf } from "./policy";
import { type Rules, ofType } from "./control";
import { type ResourceView, field } from "./resource-view";
import { INSTANCE, is, isSet, ownKey, refers, refersInRegion } from "./checks";

const TOPIC = "sns/topic";

/** Metrics that need an alarm for every server. */
const METRICS = splitWords(`
  CPUUtilization DBLoad DatabaseConnections DiskQueueDepth FreeStorageSpace FreeableMemory
  ReadIOPS ReadLatency ReadThroughput SwapUsage WriteIOPS WriteLatency WriteThroughput`);

export const alarmRules: readonly Rules[] = [
  // Rules on a server that check other resources of the plan.
  ofType(INSTANCE, [
    [
      "alarms",
      "an alarm on each metric",
      (server) => METRICS.every((metric) => isWatched(server, metric)),
    ],
    [
      "alarms",
      "an alarm on replica lag, or on transaction ID age",
      (server) =>
        server.has("replicateSourceDb")
          ? isWatched(server, "ReplicaLag")
          : isWatched(server, "MaximumUsedTransactionIDs"),
    ],
    ["alarms", "alarms at 80 and 90 % of max_connections", watchesConnections],
    [
      "RDS.20",
      "a subscription to its events",
      (server) =>
        isSubscribed(server, "db-instance", ["maintenance", "configuration change", "failure"]),
    ],
    [
      "RDS.22",
      "a subscription to security group changes",
      (server) => isSubscribed(server, "db-security-group", ["configuration change", "failure"]),
    ],
    [
      "RDS.21",
      "a subscription to parameter group changes",
      (server) => isSubscribed(server, "db-parameter-group", ["configuration change"]),
    ],
  ]),
  ofType("cloudwatch/metricAlarm", [
    ["CKV_AWS_319", "enabled actions", is("actionsEnabled", true)],
    [
      "CKV_AWS_319",
      "an alarm action to a topic of the stack",
      refersInRegion("alarmActions", TOPIC),
    ],
    ["CKV_AWS_319", "an OK action to a topic of the stack", refers("okActions", TOPIC)],
    ["alarms", "an explicit treatment of missing data", isSet("treatMissingData")],
    ["alarms", "a description", isSet("alarmDescription")],
    ["alarms", "its state on a dashboard of its region", isOnDashboard],
  ]),
  ofType(TOPIC, [
    ["SNS.1", "encrypted with a key of the stack", ownKey("kmsMasterKeyId")],
    ["SNS.4", "messages only from services of this account", isOfServices],
    [
      "TLS",
      "messages only over TLS",
      (topic) =>
        statementsOf(policyOf(topic)).some((each) =>
          deniesAll(each, ["sns:Publish"], ["Bool aws:SecureTransport", "false"]),
        ),
    ],
  ]),
  ofType("sns/topicSubscription", [
    ["TLS", "a protocol other than plain HTTP", (each) => each.text("protocol") !== "http"],
    ["SNS.4", "to a topic of the stack", refers("topic", TOPIC)],
  ]),
];

function alarmsOf(server: ResourceView, metric: string): readonly ResourceView[] {
  return server.plan
    .of("cloudwatch/metricAlarm")
    .filter(
      (alarm) =>
        alarm.isInSameRegion(server) &&
        metricsOf(alarm).some((each) => isMetric(each, server, metric)),
    );
}

/** The metrics of an alarm: its own, or those of its expression. */
function metricsOf(alarm: ResourceView): readonly unknown[] {
  const own = { metricName: alarm.value("metricName"), dimensions: alarm.value("dimensions") };
  return [own, ...alarm.list("metricQueries").map((query) => field(query, "metric"))];
}

function isMetric(each: unknown, server: ResourceView, metric: string): boolean {
  const identifier = field(each, "dimensions.DBInstanceIdentifier");
  return field(each, "metricName") === metric && identifier === server.value("identifier");
}

function isWatched(server: ResourceView, metric: string): boolean {
  return alarmsOf(server, metric).length > 0;
}

function isOnDashboard(alarm: ResourceView): boolean {
  const end = `:alarm:${alarm.text("name")}"`;
  return alarm.plan
    .of("cloudwatch/dashboard")
    .some((each) => each.isInSameRegion(alarm) && each.text("dashboardBody").includes(end));
}

function watchesConnections(server: ResourceView): boolean {
  const group = server.target("parameterGroupName", "rds/parameterGroup");
  const most = Number(group && parameter(group, "max_connections"));
  const thresholds = alarmsOf(server, "DatabaseConnections").map((alarm) =>
    alarm.number("threshold"),
  );
  return [0.8, 0.9].every((share) => thresholds.some((each) => Math.abs(each - share * most) <= 1));
}

/** Whether a subscription sends these events of the server to a topic of the stack. */
function isSubscribed(
  server: ResourceView,
  source: string,
  categories: readonly string[],
): boolean {
  return server.plan
    .of("rds/eventSubscription")
    .some(
      (each) =>
        each.isInSameRegion(server) &&
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

function policyOf(topic: ResourceView): unknown {
  return topic.referrers("sns/topicPolicy", "arn")[0]?.value("policy");
}

function isOfServices(topic: ResourceView): boolean {
  const allowed = allowStatements(policyOf(topic));
  return (
    allowed.length > 0 &&
    allowed.every(
      (each) =>
        each.principals.every((principal) => PUBLISHERS.includes(principal)) &&
        each.actions.join() === "sns:Publish" &&
        isLimitedTo(each, "aws:SourceAccount", topic.plan.accounts),
    )
  );
}
