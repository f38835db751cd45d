import type { PlannedResource } from "../../../engine/engine";
import {
  type Draft,
  type Entry,
  REMOVED,
  input,
  changeGrants,
  removeStatement,
  addStatement,
  named,
  OTHER_ACCOUNT,
  mutantsOfType,
} from "./mutant";

const CATEGORIES = (category: string) => (draft: Draft) => {
  draft.inputs["eventCategories"] = (draft.inputs["eventCategories"] as string[]).filter(
    (one) => one !== category,
  );
};

const source =
  (type: string) =>
  ({ inputs }: PlannedResource) =>
    inputs["sourceType"] === type;

export const monitoringMutants = [
  ...mutantsOfType("cloudwatch/metricAlarm", [
    ["CKV_AWS_319", "has its actions turned off", input("actionsEnabled", false)],
    ["CKV_AWS_319", "notifies nobody", input("alarmActions", [])],
    [
      "CKV_AWS_319",
      "notifies another topic",
      input("alarmActions", [`arn:aws:sns:eu-central-1:${OTHER_ACCOUNT}:other`]),
    ],
    ["CKV_AWS_319", "does not notify its end", input("okActions", undefined)],
    ["alarms", "does not set how missing data counts", input("treatMissingData", undefined)],
    ["alarms", "has an empty description", input("alarmDescription", "")],
  ]),
  ...mutantsOfType(
    "cloudwatch/metricAlarm",
    [
      ["alarms", "is missing", REMOVED],
      ["alarms", "has a threshold that is too high", input("threshold", 1_000_000)],
    ],
    named(/connections-(warning|critical)$/),
  ),
  ...mutantsOfType(
    "cloudwatch/metricAlarm",
    [["alarms", "watches another server", input("dimensions", { DBInstanceIdentifier: "other" })]],
    named(/(swap|disk-queue)$/),
  ),
  ...mutantsOfType("cloudwatch/dashboard", [
    ["alarms", "shows no alarm", input("dashboardBody", '{"widgets":[]}')],
    ["alarms", "is missing", REMOVED],
  ]),
  ...mutantsOfType("sns/topic", [
    ["SNS.1", "is not encrypted", input("kmsMasterKeyId", undefined)],
    ["SNS.1", "is encrypted with AWS's key", input("kmsMasterKeyId", "alias/aws/sns")],
    ["CKV_AWS_319", "is missing", REMOVED],
  ]),
  ...mutantsOfType("sns/topicPolicy", [
    ["SNS.4", "accepts messages from everyone", addStatement({ Action: "sns:Publish" })],
    ["SNS.4", "accepts messages from services of any account", changeGrants({ Condition: {} })],
    ["SNS.4", "grants its services all actions", changeGrants({ Action: "sns:*" })],
    ["TLS", "accepts messages without TLS", removeStatement("NothingWithoutTls")],
    ["SNS.4", "is missing", REMOVED],
  ]),
  ...mutantsOfType("sns/topicSubscription", [
    ["TLS", "sends without TLS", input("protocol", "http")],
    [
      "SNS.4",
      "subscribes to another topic",
      input("topic", `arn:aws:sns:eu-central-1:${OTHER_ACCOUNT}:other`),
    ],
  ]),
  ...mutantsOfType(
    "rds/eventSubscription",
    [
      ...["maintenance", "configuration change", "failure"].map((category): Entry => [
        "RDS.20",
        `is silent on ${category}`,
        CATEGORIES(category),
      ]),
      ["RDS.20", "covers other servers", input("sourceIds", ["other"])],
      ["RDS.20", "is off", input("enabled", false)],
      [
        "RDS.20",
        "notifies another topic",
        input("snsTopic", `arn:aws:sns:eu-central-1:${OTHER_ACCOUNT}:other`),
      ],
      ["RDS.20", "is missing", REMOVED],
    ],
    source("db-instance"),
  ),
  ...mutantsOfType(
    "rds/eventSubscription",
    [
      ["RDS.21", "does not report changes", CATEGORIES("configuration change")],
      ["RDS.21", "is missing", REMOVED],
    ],
    source("db-parameter-group"),
  ),
  ...mutantsOfType(
    "rds/eventSubscription",
    [
      ["RDS.22", "does not report failures", CATEGORIES("failure")],
      ["RDS.22", "is missing", REMOVED],
    ],
    source("db-security-group"),
  ),
];
