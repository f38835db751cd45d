import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { topicArn, topicKeyUsers, topicName, topicPolicy } from "./plan/topic";
import { encryptionKey } from "../encryption-key";
import type { AwsNames } from "../plan/aws-names";
import type { AwsPlatform } from "../platform/aws-platform";
import type { Place } from "../platform/places";

export interface NotificationsArgs {
  readonly platform: AwsPlatform;
  readonly place: Place;
  /** Addresses. */
  readonly notify: readonly string[];
}

/**
 * Where alarms and events of a region go: a topic that only CloudWatch and RDS of this account send to, encrypted with a
 * key of its own, and the addresses that it tells (`aws.notify`). Each address is asked to confirm, and hears nothing
 * before. Nothing is kept in it, so it goes with the stack.
 */
export class Notifications extends pulumi.ComponentResource {
  /** ARN, which is known in a preview; what uses it waits by {@link sender}. */
  readonly topic: string;
  /** Of the region. */
  readonly names: AwsNames;
  readonly #args: NotificationsArgs;
  readonly #policy: pulumi.Resource;

  constructor(name: string, args: NotificationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:Notifications", name, {}, opts);
    const { platform, place, notify } = args;
    const { names } = place;
    this.#args = args;
    this.names = names;
    const inside = platform.inside(this, place);
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
        // SHA-256 in place of SHA-1, for whoever verifies a message.
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

  /** Options of what sends to the topic: made in its region, when senders are let in. */
  sender(
    parent: pulumi.Resource,
    after: readonly pulumi.Resource[] = [],
  ): pulumi.CustomResourceOptions {
    const { platform, place } = this.#args;
    return { ...platform.inside(parent, place), dependsOn: [this.#policy, ...after] };
  }
}
