import * as pulumi from "@pulumi/pulumi";
import { serverAlarms } from "./plan/alarm-plan";
import type { WatchedServer } from "./plan/shape";
import type { AwsPlatform } from "../platform/aws-platform";
import type { Place } from "../platform/places";
import { createAlarm } from "./alarm";
import type { Notifications } from "./notifications";

export interface DatabaseAlarmsArgs {
  readonly platform: AwsPlatform;
  readonly place: Place;
  readonly server: WatchedServer;
  /** The server's DbiResourceId, by which Performance Insights knows it. */
  readonly resource: pulumi.Input<string>;
  readonly notifications: Notifications;
}

/** The alarms of one server on RDS. They name it by its identifier, so a preview shows them whole. */
export class DatabaseAlarms extends pulumi.ComponentResource {
  constructor(
    name: string,
    { platform, place, server, resource, notifications }: DatabaseAlarmsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:aws:DatabaseAlarms", name, {}, opts);
    const { identifier } = server;
    const subject = {
      name: identifier,
      dimensions: { DBInstanceIdentifier: identifier },
      resource,
    };
    for (const alarm of serverAlarms(server)) {
      createAlarm(
        `${name}-${alarm.name}`,
        { names: place.names, alarm, subject, notifications },
        platform.inside(this, place),
      );
    }
    this.registerOutputs({});
  }
}
