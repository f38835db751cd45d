import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { topicArn, topicKeyUsers, topicName, topicPolicy } from "./plan/topic";
import { encryptionKey } from "../encryption-key";
import type { AwsPlatform } from "../platform/aws-platform";
import type { Place } from "../platform/places";

export interface NotificationsArgs {
  readonly platform: AwsPlatform;
  readonly place: Place;
  /** Addresses of e-mail; each is asked to confirm, and hears nothing before. */
  readonly addresses: readonly string[];
}

/**
 * Where alarms and events of a region go: a topic that only CloudWatch and RDS of this account send to, encrypted with a
 * key of its own, and the addresses that it tells. Nothing is kept in it, so it goes with the stack.
 */
export class Notifications extends pulumi.ComponentResource {
  /** Known in a preview; what uses it waits for {@link ready}. */
  readonly topic: string;
  /** Senders are let in from here on. */
  readonly ready: pulumi.Resource;

  constructor(
    name: string,
    { platform, place, addresses }: NotificationsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:aws:Notifications", name, {}, opts);
    const { names } = place;
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
    this.ready = new aws.sns.TopicPolicy(
      `${name}-policy`,
      { arn: topic.arn, policy: topicPolicy(names) },
      inside,
    );
    for (const address of addresses) {
      new aws.sns.TopicSubscription(
        `${name}-${address}`,
        { topic: topic.arn, protocol: "email", endpoint: address },
        inside,
      );
    }
    this.topic = topicArn(names);
    this.registerOutputs({ topic: this.topic });
  }
}
