import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { subscriptions } from "./plan/rds-events";
import type { AwsPlatform } from "../platform/aws-platform";
import type { Place } from "../platform/places";
import type { Notifications } from "./notifications";

export interface EventSubscriptionsArgs {
  readonly platform: AwsPlatform;
  readonly place: Place;
  /** Identifiers of the stack's servers in the region. */
  readonly servers: readonly string[];
  /** The same servers: RDS takes a subscription to those that exist only. */
  readonly after: readonly pulumi.Resource[];
  readonly notifications: Notifications;
}

/** What RDS tells of its own accord, such as a failover, maintenance, or parameters that were changed by hand. */
export class EventSubscriptions extends pulumi.ComponentResource {
  constructor(
    name: string,
    { platform, place, servers, after, notifications }: EventSubscriptionsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:aws:EventSubscriptions", name, {}, opts);
    const { base, tags } = place.names;
    const { topic, ready } = notifications;
    for (const { name: what, source, categories, only } of subscriptions(servers)) {
      new aws.rds.EventSubscription(
        `${name}-${what}`,
        {
          name: `${base}-${what}`,
          snsTopic: topic,
          sourceType: source,
          eventCategories: [...categories],
          ...(only ? { sourceIds: [...only] } : {}),
          enabled: true,
          tags,
        },
        pulumi.mergeOptions(platform.inside(this, place), {
          dependsOn: [ready, ...(only ? after : [])],
        }),
      );
    }
    this.registerOutputs({});
  }
}
