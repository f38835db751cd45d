import { type AwsNames, arn } from "../../plan/aws-names";
import { type Statement, policyDocument } from "../../plan/policy-document";

/** AWS services that publish to the stack's topics: CloudWatch for alarms, RDS for events of servers. */
const SENDERS = [
  {
    sid: "Alarms",
    service: "cloudwatch.amazonaws.com",
    source: (names: AwsNames) => arn(names, "cloudwatch", `alarm:${names.base}*`),
  },
  {
    sid: "EventsOfTheServers",
    service: "events.rds.amazonaws.com",
    source: (names: AwsNames) => arn(names, "rds", "*"),
  },
] as const;

/** Name of the topic for alarms and events; each region with servers has one. */
export function topicName({ base }: AwsNames): string {
  return `${base}-alarms`;
}

/** ARN of the topic, known before it exists, so that a preview shows where each alarm goes. */
export function topicArn(names: AwsNames): string {
  return arn(names, "sns", topicName(names));
}

/**
 * Policy of the topic: the services above may publish, for this stack's alarms and this account's servers, over TLS.
 * Principals of the account need permission from their own policies; other accounts have no access.
 */
export function topicPolicy(names: AwsNames): string {
  const topic = topicArn(names);
  return policyDocument([
    ...SENDERS.map(({ sid, service, source }): Statement => ({
      Sid: sid,
      Effect: "Allow",
      Principal: { Service: service },
      Action: "sns:Publish",
      Resource: topic,
      Condition: {
        StringEquals: { "aws:SourceAccount": names.account },
        ArnLike: { "aws:SourceArn": source(names) },
      },
    })),
    {
      Sid: "NothingWithoutTls",
      Effect: "Deny",
      Principal: "*",
      Action: "sns:Publish",
      Resource: topic,
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ]);
}

/**
 * Statements that let the same services use the topic's key: SNS encrypts each message with the sender's permissions.
 * EventBridge is left out: its requests carry no account to check (SNS Developer Guide, "Key management").
 */
export function topicKeyUsers({ account }: AwsNames): readonly Statement[] {
  return SENDERS.map(({ sid, service }) => ({
    Sid: sid,
    Effect: "Allow",
    Principal: { Service: service },
    Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
    Resource: "*",
    Condition: { StringEquals: { "aws:SourceAccount": account } },
  }));
}
