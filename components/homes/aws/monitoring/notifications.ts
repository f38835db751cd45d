import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { topicArn, topicKeyUsers, topicName, topicPolicy } from "./plan/topic";
import { encryptionKey } from "../encryption-key";
import type { AwsNames } from "../plan/aws-names";
import type { AwsPlatform } from "../platform/aws-platform";
import type { StackRegion } from "../platform/stack-regions";

export interface NotificationsArgs {
  readonly platform: AwsPlatform;
  readonly stackRegion: StackRegion;
  /** E-mail addresses. */
  readonly notify: readonly string[];
}

/**
 * The SNS topic for alarms and events of a region, with its e-mail subscriptions (`aws.notify`). Only CloudWatch and
 * RDS of this account publish to it, and it is encrypted with its own key. Each address has to confirm before it
 * receives messages. The topic holds no data, so it is deleted with the stack.
 */
export class Notifications extends pulumi.ComponentResource {
  /** ARN, known in a preview. Resources that use it depend on the topic through {@link sender}. */
  readonly topic: string;
  /** Names of the region. */
  readonly names: AwsNames;
  readonly #args: NotificationsArgs;
  readonly #policy: pulumi.Resource;

  constructor(name: string, args: NotificationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:Notifications", name, {}, opts);
    const { platform, stackRegion, notify } = args;
    const { names } = stackRegion;
    this.#args = args;
    this.names = names;
    const inside = platform.optionsIn(this, stackRegion);
    const key = encryptionKey(
      `${name}-key`,
      {
        names,
        purpose: "alarms",
        description: `Messages of ${names.base} about its databases`,
        users: topicKeyUsers(names),
        protect: false,
      },
      inside,
    );
    const topic = new aws.sns.Topic(
      `${name}-topic`,
      {
        name: topicName(names),
        displayName: names.base,
        kmsMasterKeyId: key.arn,
        // SHA-256 instead of SHA-1, for receivers that verify messages.
        signatureVersion: 2,
        tags: names.tags,
      },
      inside,
    );
    this.#policy = new aws.sns.TopicPolicy(
      `${name}-policy`,
      { arn: topic.arn, policy: topicPolicy(names) },
      inside,
    );
    for (const address of notify) {
      new aws.sns.TopicSubscription(
        `${name}-${address}`,
        { topic: topic.arn, protocol: "email", endpoint: address },
        inside,
      );
    }
    this.topic = topicArn(names);
    this.registerOutputs({ topic: this.topic });
  }

  /** Options of a resource that publishes to the topic: in its region, created after the topic's policy. */
  sender(
    parent: pulumi.Resource,
    after: readonly pulumi.Resource[] = [],
  ): pulumi.CustomResourceOptions {
    const { platform, stackRegion } = this.#args;
    return { ...platform.optionsIn(parent, stackRegion), dependsOn: [this.#policy, ...after] };
  }
}
