import type { PlannedResource } from "../../../engine/engine";
import {
  type Draft,
  type Entry,
  GONE,
  input,
  granting,
  without,
  also,
  named,
  OTHER_ACCOUNT,
  of,
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

export const watchingMutants = [
  ...of("cloudwatch/metricAlarm", [
    ["CKV_AWS_319", "does nothing", input("actionsEnabled", false)],
    ["CKV_AWS_319", "tells nobody", input("alarmActions", [])],
    [
      "CKV_AWS_319",
      "tells another's topic",
      input("alarmActions", [`arn:aws:sns:eu-central-1:${OTHER_ACCOUNT}:other`]),
    ],
    ["CKV_AWS_319", "does not tell its end", input("okActions", undefined)],
    ["alarms", "leaves silence to CloudWatch", input("treatMissingData", undefined)],
    ["alarms", "does not say what to do", input("alarmDescription", "")],
  ]),
  ...of(
    "cloudwatch/metricAlarm",
    [
      ["alarms", "is not there", GONE],
      ["alarms", "comes too late", input("threshold", 1_000_000)],
    ],
    named(/connections-(warning|critical)$/),
  ),
  ...of(
    "cloudwatch/metricAlarm",
    [["alarms", "watches another server", input("dimensions", { DBInstanceIdentifier: "other" })]],
    named(/(swap|disk-queue)$/),
  ),
  ...of("sns/topic", [
    ["SNS.1", "is in the clear", input("kmsMasterKeyId", undefined)],
    ["SNS.1", "is under AWS's key", input("kmsMasterKeyId", "alias/aws/sns")],
    ["CKV_AWS_319", "is not there", GONE],
  ]),
  ...of("sns/topicPolicy", [
    ["SNS.4", "takes messages of everybody", also({ Action: "sns:Publish" })],
    ["SNS.4", "takes messages of any account's services", granting({ Condition: {} })],
    ["SNS.4", "lets its services do all", granting({ Action: "sns:*" })],
    ["TLS", "takes messages in the clear", without("NothingWithoutTls")],
    ["SNS.4", "is not there", GONE],
  ]),
  ...of("sns/topicSubscription", [
    ["TLS", "sends in the clear", input("protocol", "http")],
    [
      "SNS.4",
      "hears another's topic",
      input("topic", `arn:aws:sns:eu-central-1:${OTHER_ACCOUNT}:other`),
    ],
  ]),
  ...of(
    "rds/eventSubscription",
    [
      ...["maintenance", "configuration change", "failure"].map((category): Entry => [
        "RDS.20",
        `is silent on ${category}`,
        CATEGORIES(category),
      ]),
      ["RDS.20", "is about other servers", input("sourceIds", ["other"])],
      ["RDS.20", "is off", input("enabled", false)],
      [
        "RDS.20",
        "tells another's topic",
        input("snsTopic", `arn:aws:sns:eu-central-1:${OTHER_ACCOUNT}:other`),
      ],
      ["RDS.20", "is not there", GONE],
    ],
    source("db-instance"),
  ),
  ...of(
    "rds/eventSubscription",
    [
      ["RDS.21", "is silent on changes", CATEGORIES("configuration change")],
      ["RDS.21", "is not there", GONE],
    ],
    source("db-parameter-group"),
  ),
  ...of(
    "rds/eventSubscription",
    [
      ["RDS.22", "is silent on failures", CATEGORIES("failure")],
      ["RDS.22", "is not there", GONE],
    ],
    source("db-security-group"),
  ),
];
