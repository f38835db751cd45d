import * as pulumi from "@pulumi/pulumi";
import type { DatabaseArgs, RdsServer } from "../database/rds-server";
import type { StackRegion } from "../platform/stack-regions";
import { createAlarms } from "./alarm";
import { serverAlarms } from "./plan/alarm-plan";
import { vaultAlarms } from "./plan/backup-alarms";
import { watchedServer } from "./plan/server-alarms";
import { subscribeToEvents } from "./event-subscriptions";
import { Notifications } from "./notifications";

/** A server that was created on RDS. */
type CreatedServer = Pick<RdsServer, "identifier" | "role" | "acceptsWrites" | "instance">;

/** The servers of a database on RDS, by role. */
export interface MonitoredServers {
  readonly primary: CreatedServer;
  readonly replicas: readonly CreatedServer[];
  /** The replica in the second region. */
  readonly secondRegionReplica: CreatedServer | undefined;
}

export interface AwsMonitoringArgs extends Omit<DatabaseArgs, "backups"> {
  readonly servers: MonitoredServers;
  /** Name of the vault that AWS Backup keeps snapshots in. @default - RDS's own backups only */
  readonly vault?: string;
}

/**
 * Monitoring of the RDS servers: CloudWatch alarms on servers and backups, RDS events, and their recipients. Each
 * region with a server has its own topic, as alarms and events cannot reach a topic of another region.
 */
export class AwsMonitoring extends pulumi.ComponentResource {
  readonly #args: AwsMonitoringArgs;

  constructor(name: string, args: AwsMonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:AwsMonitoring", name, {}, opts);
    this.#args = args;
    const { platform, aws, servers, vault } = args;
    const { primary, replicas, secondRegionReplica } = servers;
    const notifications = this.#monitorRegion(name, platform.main, [primary, ...replicas]);
    if (platform.second && secondRegionReplica)
      this.#monitorRegion(`${name}-second-region`, platform.second, [secondRegionReplica]);
    if (vault !== undefined) {
      const alarms = vaultAlarms(aws.secondRegion?.backups ?? false);
      const dimensions = { BackupVaultName: vault };
      const subject = { name: platform.names.base, namespace: "AWS/Backup", dimensions };
      createAlarms("VaultAlarms", `${name}-backups`, { alarms, subject, notifications }, this);
    }
    this.registerOutputs({ topic: notifications.topic });
  }

  /** Creates the monitoring of one region. */
  #monitorRegion(
    name: string,
    place: StackRegion,
    servers: readonly CreatedServer[],
  ): Notifications {
    const { platform, aws, database, plan, volume } = this.#args;
    const { notify } = aws;
    const notifications = new Notifications(
      name,
      { platform, stackRegion: place, notify },
      { parent: this },
    );
    for (const server of servers) {
      const { identifier, instance } = server;
      const watched = watchedServer(database, plan, volume, server, this.#replicaCount(server));
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

  #replicaCount({ role }: CreatedServer): number {
    const { replicas, secondRegionReplica } = this.#args.servers;
    const following = [...replicas, ...(secondRegionReplica ? [secondRegionReplica] : [])].filter(
      ({ acceptsWrites }) => !acceptsWrites,
    );
    return role === "primary" ? following.length : 0;
  }
}
