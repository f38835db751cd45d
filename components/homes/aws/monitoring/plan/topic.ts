import { type AwsNames, arn } from "../../plan/aws-names";
import { type Statement, policyDocument } from "../../plan/policy-document";

/** What of AWS sends messages to a topic of the stack: alarms, and the events of its servers. */
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

/** Name of the topic that tells people; each region that has servers has one. */
export function topicName({ base }: AwsNames): string {
  return `${base}-alarms`;
}

/** Known before the topic exists, so that a preview shows where each alarm goes. */
export function topicArn(names: AwsNames): string {
  return arn(names, "sns", topicName(names));
}

/**
 * Who may send to the topic: those services, for this stack's alarms and this account's servers, and over TLS. Whoever
 * is of the account asks the account's own policies; others do not come in.
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
 * Lets the same services use the topic's key: a message is encrypted in the sender's name. EventBridge is not among
 * them, as its requests name no account that could be asked for (SNS Developer Guide, "Key management").
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
