import * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer, Endpoint } from "../database-server";
import { DynamicResource } from "../../resources/dynamic-resource";
import { ARCHIVE_TIMEOUT } from "./plan/local-backups";
import { REPLICA_SLOT } from "./plan/local-parameters";
import { ADMIN, LocalServer, type LocalServerArgs } from "./local-server";
import { splitByRestart } from "../../parameters/formulas/tune";
import { randomPassword } from "../../resources/random-password";
import { HOST } from "./processes/ports";

export interface LocalPostgresArgs extends LocalServerArgs {
  readonly majorVersion: number;
  /** Loopback port of a streaming replica. @default - no replica */
  readonly replicaPort?: number;
  /** @default - none */
  readonly backups?: LocalBackups;
  /** The generation of the data to serve; it is restored if it does not exist. @default - generation 1 */
  readonly recovery?: {
    readonly generation: number;
    readonly from?: number | undefined;
    readonly time?: string | undefined;
  };
}

export interface LocalBackups {
  /** Folder, or bucket with its keys. */
  readonly store: pulumi.Input<object>;
  readonly retentionDays: number;
  /** Bytes of WAL kept while archiving fails. */
  readonly walBound: number;
  /** Secret. @default - a random one */
  readonly passphrase?: pulumi.Output<string> | undefined;
}

const REPLICATION = "sark_replication";

/**
 * PostgreSQL as a local process, with an optional streaming replica. The process outlives the command that started it;
 * deleting the resource stops it and removes its data.
 */
export class LocalPostgres extends LocalServer implements DatabaseServer {
  readonly engine = "postgresql";
  readonly extensions = ["pg_stat_statements", "pg_trgm", "pgcrypto", "uuid-ossp"];
  readonly limits = [];
  readonly database = this.plan.database;
  readonly socket = this.database;
  readonly maxConnections = this.plan.maxConnections;
  readonly replica?: Endpoint;
  readonly backupPassphrase?: pulumi.Output<string>;
  readonly dataResource: pulumi.Resource;

  constructor(name: string, args: LocalPostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    super("LocalPostgres", name, args, opts);
    const { plan, protect, backups, recovery } = args;
    const shared = {
      adminUser: ADMIN,
      adminPassword: this.admin.password,
      replicationUser: REPLICATION,
      replicationPassword: randomPassword(`${name}-replication-password`, { parent: this }),
      preload: [...plan.preload],
      parameters: splitByRestart(plan.parameters),
    };
    if (backups) {
      this.backupPassphrase =
        backups.passphrase ?? randomPassword(`${name}-backup-passphrase`, { parent: this });
    }
    // Changes of `parameters.restart` and of the port restart it.
    const primary = new DynamicResource(
      "local:PostgresServer",
      `${name}-primary`,
      {
        ...shared,
        directory: this.socket,
        port: args.port,
        database: this.database,
        majorVersion: args.majorVersion,
        serverVersion: undefined,
        ...(backups && {
          parameters: archiving(shared.parameters),
          backups: { ...backups, passphrase: this.backupPassphrase },
        }),
        ...(recovery && { recovery }),
      },
      { parent: this, protect },
    );
    this.dataResource = primary;

    if (args.replicaPort !== undefined) {
      const socket = `${this.database}-replica`;
      // It streams through a replication slot, and is copied again if it cannot follow.
      new DynamicResource(
        "local:PostgresReplica",
        `${name}-replica`,
        {
          ...shared,
          directory: socket,
          port: args.replicaPort,
          primary: {
            ...{ directory: this.socket, host: HOST, port: args.port },
            ...(recovery && { generation: recovery.generation }),
          },
          slot: REPLICA_SLOT,
        },
        // A copy of another cluster's data is useless, so it is replaced with the primary. A copy needs no protection.
        { parent: this, dependsOn: primary, replaceWith: [primary] },
      );
      this.replica = { host: this.host, port: pulumi.output(args.replicaPort), socket };
    }
    this.registerOutputs({ host: this.host, port: this.port });
  }
}

/** The primary's parameters, with those that archive its WAL. A change of archive_mode restarts it. */
function archiving({ restart, reload }: ReturnType<typeof splitByRestart>) {
  return {
    restart: { ...restart, archive_mode: "on" },
    reload: { archive_timeout: ARCHIVE_TIMEOUT, ...reload },
  };
}
