import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { RdsServer } from "../database/rds-server";
import { subscriptions } from "./plan/rds-events";
import type { Notifications } from "./notifications";

/**
 * Subscribes the topic to RDS events, such as a failover, maintenance, or parameters changed by hand.
 * @param servers the stack's servers in the region; RDS accepts only servers that exist
 */
export function subscribeToEvents(
  name: string,
  servers: readonly Pick<RdsServer, "identifier" | "instance">[],
  notifications: Notifications,
  parent: pulumi.Resource,
): void {
  const component = new pulumi.ComponentResource(
    "sark:aws:EventSubscriptions",
    name,
    {},
    { parent },
  );
  const { base, tags } = notifications.names;
  for (const { name: what, source, categories, ofServers } of subscriptions) {
    new aws.rds.EventSubscription(
      `${name}-${what}`,
      {
        name: `${base}-${what}`,
        snsTopic: notifications.topic,
        sourceType: source,
        eventCategories: [...categories],
        ...(ofServers ? { sourceIds: servers.map(({ identifier }) => identifier) } : {}),
        enabled: true,
        tags,
      },
      notifications.sender(component, ofServers ? servers.map(({ instance }) => instance) : []),
    );
  }
}
