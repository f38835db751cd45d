import * as pulumi from "@pulumi/pulumi";
import type { DatabaseArgs, RdsServer } from "../database/rds-server";
import type { Place } from "../platform/places";
import { createAlarms } from "./alarm";
import { serverAlarms } from "./plan/alarm-plan";
import { vaultAlarms } from "./plan/backup-alarms";
import { watchedServer } from "./plan/server-alarms";
import { subscribeToEvents } from "./event-subscriptions";
import { Notifications } from "./notifications";

/** A server as RDS made it. */
type MadeServer = Pick<RdsServer, "identifier" | "role" | "writes" | "instance">;

/** The servers of a database on RDS. */
export interface MadeServers {
  readonly primary: MadeServer;
  readonly replicas: readonly MadeServer[];
  /** In the second region. */
  readonly abroad: MadeServer | undefined;
}

export interface AwsMonitoringArgs extends Omit<DatabaseArgs, "backups"> {
  readonly servers: MadeServers;
  /** Name of the vault that AWS Backup copies the server into. @default - no backups but the server's own */
  readonly vault?: string;
}

/**
 * What watches over the servers on RDS from outside: alarms on their figures and on their backups, what RDS tells by
 * itself, and the people who are told. A region in which there is a replica has a topic of its own, since neither an
 * alarm nor an event reaches that of another.
 */
export class AwsMonitoring extends pulumi.ComponentResource {
  readonly #args: AwsMonitoringArgs;

  constructor(name: string, args: AwsMonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:AwsMonitoring", name, {}, opts);
    this.#args = args;
    const { platform, aws, servers, vault } = args;
    const { primary, replicas, abroad } = servers;
    const notifications = this.#watch(name, platform.main, [primary, ...replicas]);
    if (platform.second && abroad) this.#watch(`${name}-second-region`, platform.second, [abroad]);
    if (vault !== undefined) {
      const alarms = vaultAlarms(aws.secondRegion?.backups ?? false);
      const dimensions = { BackupVaultName: vault };
      const subject = { name: platform.names.base, namespace: "AWS/Backup", dimensions };
      createAlarms("VaultAlarms", `${name}-backups`, { alarms, subject, notifications }, this);
    }
    this.registerOutputs({ topic: notifications.topic });
  }

  /** Everything of one region. */
  #watch(name: string, place: Place, servers: readonly MadeServer[]): Notifications {
    const { platform, aws, database, plan, volume } = this.#args;
    const { notify } = aws;
    const notifications = new Notifications(name, { platform, place, notify }, { parent: this });
    for (const server of servers) {
      const { identifier, instance } = server;
      const watched = watchedServer(database, plan, volume, server, this.#followers(server));
      const subject = {
        name: identifier,
        namespace: "AWS/RDS",
        dimensions: { DBInstanceIdentifier: identifier },
        resource: instance.resourceId,
      };
      createAlarms(
        "DatabaseAlarms",
        `${name}-${identifier}`,
        { alarms: serverAlarms(watched), subject, notifications },
        this,
      );
    }
    subscribeToEvents(`${name}-events`, servers, notifications, this);
    return notifications;
  }

  #followers({ role }: MadeServer): number {
    const { replicas, abroad } = this.#args.servers;
    const following = [...replicas, ...(abroad ? [abroad] : [])].filter(({ writes }) => !writes);
    return role === "primary" ? following.length : 0;
  }
}
