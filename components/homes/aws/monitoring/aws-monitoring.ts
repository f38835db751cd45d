import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseArgs, RdsServer } from "../database/rds-server";
import type { StackRegion } from "../platform/stack-regions";
import type { MonitoringSettings } from "../plan/rds-stack";
import { createAlarms } from "./alarm";
import { serverAlarms } from "./plan/alarm-plan";
import { vaultAlarms } from "./plan/backup-alarms";
import { type AlarmedSubject, dashboardBody } from "./plan/dashboard";
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
  readonly monitoring: MonitoringSettings;
  readonly servers: MonitoredServers;
  /** Name of the vault that AWS Backup keeps snapshots in. @default - RDS's own backups only */
  readonly vault?: string;
}

/**
 * Monitoring of the RDS servers: CloudWatch alarms on servers and backups, dashboards, RDS events, and their recipients.
 * Each region with a server has its own topic, as alarms and events cannot reach a topic of another region.
 */
export class AwsMonitoring extends pulumi.ComponentResource {
  readonly #args: AwsMonitoringArgs;

  constructor(name: string, args: AwsMonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:AwsMonitoring", name, {}, opts);
    this.#args = args;
    const { platform, servers } = args;
    const { primary, replicas, secondRegionReplica } = servers;
    const { topic } = this.#monitorRegion(name, platform.main, [primary, ...replicas], args.vault);
    if (platform.second && secondRegionReplica)
      this.#monitorRegion(`${name}-second-region`, platform.second, [secondRegionReplica]);
    this.registerOutputs({ topic });
  }

  /** Creates the monitoring of one region. */
  #monitorRegion(
    name: string,
    place: StackRegion,
    servers: readonly CreatedServer[],
    vault?: string,
  ): Notifications {
    const { platform, aws: settings, monitoring } = this.#args;
    const notifications = new Notifications(
      name,
      { platform, stackRegion: place, notify: settings.notify },
      { parent: this },
    );
    const { runbooks } = monitoring;
    const alarmed = servers.map((server) => {
      const watched = this.#alarmsOf(server);
      const { resourceId: resource } = server.instance;
      const args = { ...watched, resource, notifications, runbooks };
      createAlarms("DatabaseAlarms", `${name}-${server.identifier}`, args, this);
      return watched;
    });
    const stored = vault === undefined ? [] : [this.#vaultAlarmsOf(vault)];
    for (const watched of stored) {
      const args = { ...watched, notifications, runbooks };
      createAlarms("VaultAlarms", `${name}-backups`, args, this);
    }
    subscribeToEvents(`${name}-events`, servers, notifications, this);
    const { names } = place;
    new aws.cloudwatch.Dashboard(
      `${name}-dashboard`,
      {
        // Dashboards of all regions share one name space.
        dashboardName: `${names.base}-${names.region}`,
        dashboardBody: dashboardBody(names, [...alarmed, ...stored], runbooks),
      },
      platform.optionsIn(this, place),
    );
    return notifications;
  }

  #alarmsOf(server: CreatedServer): AlarmedSubject {
    const { database, plan, volume, monitoring } = this.#args;
    const watched = watchedServer(database, plan, volume, server, this.#replicaCount(server));
    const { identifier } = server;
    const dimensions = { DBInstanceIdentifier: identifier };
    return {
      subject: { name: identifier, namespace: "AWS/RDS", dimensions },
      alarms: serverAlarms(watched, monitoring.objectives),
    };
  }

  #vaultAlarmsOf(vault: string): AlarmedSubject {
    const { platform, aws: settings, monitoring } = this.#args;
    const dimensions = { BackupVaultName: vault };
    return {
      subject: { name: platform.names.base, namespace: "AWS/Backup", dimensions },
      alarms: vaultAlarms(settings.secondRegion?.backups ?? false, monitoring.objectives),
    };
  }

  #replicaCount({ role }: CreatedServer): number {
    const { replicas, secondRegionReplica } = this.#args.servers;
    const following = [...replicas, ...(secondRegionReplica ? [secondRegionReplica] : [])].filter(
      ({ acceptsWrites }) => !acceptsWrites,
    );
    return role === "primary" ? following.length : 0;
  }
}
