import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { watchedServers } from "./plan/server-alarms";
import type { WatchedServer } from "./plan/shape";
import type { AwsPlatform } from "../platform/aws-platform";
import type { Place } from "../platform/places";
import { Alarms } from "./alarm";
import { serverAlarms } from "./plan/alarm-plan";
import { vaultAlarms } from "./plan/backup-alarms";
import { EventSubscriptions } from "./event-subscriptions";
import { Notifications } from "./notifications";

/** A server as RDS made it. */
interface MadeServer {
  readonly identifier: string;
  readonly instance: aws.rds.Instance;
}

/** The servers of a database on RDS. */
export interface MadeServers {
  readonly primary: MadeServer;
  readonly replicas: readonly MadeServer[];
  /** In the second region. */
  readonly abroad: MadeServer | undefined;
}

export interface AwsMonitoringArgs {
  readonly platform: AwsPlatform;
  readonly database: MadeServers;
  /** Name of the vault that AWS Backup copies the server into. @default - no backups but the server's own */
  readonly vault?: string;
}

/**
 * What watches over the servers on RDS from outside: alarms on their figures and on their backups, what RDS tells by
 * itself, and the people who are told. A region in which there is a replica has a topic of its own, since neither an
 * alarm nor an event reaches that of another.
 */
export class AwsMonitoring extends pulumi.ComponentResource {
  readonly #platform: AwsPlatform;

  constructor(
    name: string,
    { platform, database, vault }: AwsMonitoringArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:aws:AwsMonitoring", name, {}, opts);
    this.#platform = platform;
    const { settings, names, main, second } = platform;
    const { primary, replicas, abroad } = database;
    const watched = watchedServers(settings, names);
    const notifications = this.#watch(name, main, watched.main, [primary, ...replicas]);
    if (second && abroad) this.#watch(`${name}-second-region`, second, watched.second, [abroad]);
    if (vault !== undefined) {
      const alarms = vaultAlarms(platform.aws.secondRegion?.backups ?? false);
      const subject = { name: names.base, dimensions: { BackupVaultName: vault } };
      new Alarms(
        "VaultAlarms",
        `${name}-backups`,
        { platform, place: main, alarms, subject, notifications },
        { parent: this },
      );
    }
    this.registerOutputs({ topic: notifications.topic });
  }

  /** Everything of one region. */
  #watch(
    name: string,
    place: Place,
    servers: readonly WatchedServer[],
    made: readonly MadeServer[],
  ): Notifications {
    const platform = this.#platform;
    const parent = { parent: this };
    const notifications = new Notifications(
      name,
      { platform, place, addresses: platform.aws.notify },
      parent,
    );
    for (const server of servers) {
      const { identifier } = server;
      const subject = {
        name: identifier,
        dimensions: { DBInstanceIdentifier: identifier },
        resource: madeServer(made, identifier).instance.resourceId,
      };
      new Alarms(
        "DatabaseAlarms",
        `${name}-${identifier}`,
        { platform, place, alarms: serverAlarms(server), subject, notifications },
        parent,
      );
    }
    new EventSubscriptions(
      `${name}-events`,
      {
        platform,
        place,
        servers: servers.map(({ identifier }) => identifier),
        after: made.map(({ instance }) => instance),
        notifications,
      },
      parent,
    );
    return notifications;
  }
}

function madeServer(made: readonly MadeServer[], identifier: string): MadeServer {
  const server = made.find((each) => each.identifier === identifier);
  if (!server) throw new Error(`there is no server ${identifier} to watch`);
  return server;
}
