import * as pulumi from "@pulumi/pulumi";
import type { AdminConnection, DatabaseServer, Endpoint } from "../database-server";
import { DynamicResource } from "../../resources/dynamic-resource";
import { REPLICA_SLOT } from "./plan/local-parameters";
import type { ServerPlan } from "../plan/server-plan";
import { byRestart } from "../../parameters/formulas/tune";
import { randomPassword } from "../../resources/random-password";
import { HOST } from "./processes/ports";

export interface LocalPostgresArgs {
  readonly plan: ServerPlan;
  readonly majorVersion: number;
  /** Loopback port. A change restarts the server. */
  readonly port: number;
  /** Loopback port of a streaming replica. @default - no replica */
  readonly replicaPort?: number;
  /** Whether a deletion is refused. */
  readonly protect: boolean;
}

const ADMIN = "postgres";
const REPLICATION = "sark_replication";

/**
 * PostgreSQL as a process of this machine, with an optional streaming replica. It outlives the command that started it;
 * deleting it stops it and removes its data.
 */
export class LocalPostgres extends pulumi.ComponentResource implements DatabaseServer {
  readonly home = "local";
  readonly engine = "postgresql";
  readonly extensions = ["pg_stat_statements", "pg_trgm", "pgcrypto", "uuid-ossp"];
  readonly limits = [];
  readonly database;
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly socket: string;
  readonly admin: AdminConnection;
  readonly maxConnections: number;
  readonly plan: ServerPlan;
  readonly replica?: Endpoint;
  readonly lifetime: pulumi.Resource;

  constructor(name: string, args: LocalPostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:local:LocalPostgres", name, {}, opts);
    const { plan, protect } = args;
    this.socket = plan.database;
    const shared = {
      adminUser: ADMIN,
      adminPassword: randomPassword(`${name}-admin-password`, { parent: this }),
      replicationUser: REPLICATION,
      replicationPassword: randomPassword(`${name}-replication-password`, { parent: this }),
      preload: [...plan.preload],
      parameters: byRestart(plan.parameters),
    };
    // Changes of `parameters.restart` and of the port restart it.
    const primary = new DynamicResource(
      "local:PostgresServer",
      `${name}-primary`,
      {
        ...shared,
        directory: this.socket,
        port: args.port,
        database: plan.database,
        majorVersion: args.majorVersion,
        serverVersion: undefined,
      },
      { parent: this, protect },
    );
    this.database = plan.database;
    this.host = pulumi.output(HOST);
    this.port = pulumi.output(args.port);
    this.maxConnections = plan.maxConnections;
    this.plan = plan;
    this.lifetime = primary;
    this.admin = {
      host: this.host,
      port: this.port,
      user: ADMIN,
      password: shared.adminPassword,
      sslMode: "disable",
      superuser: true,
    };

    if (args.replicaPort !== undefined) {
      const socket = `${plan.database}-replica`;
      // It follows the primary through a replication slot, and is made anew when it cannot follow.
      new DynamicResource(
        "local:PostgresReplica",
        `${name}-replica`,
        {
          ...shared,
          directory: socket,
          port: args.replicaPort,
          primary: { directory: plan.database, host: HOST, port: args.port },
          slot: REPLICA_SLOT,
        },
        // A copy of another cluster's data is worth nothing, and a copy needs no protection.
        { parent: this, dependsOn: primary, replaceWith: [primary] },
      );
      this.replica = { host: this.host, port: pulumi.output(args.replicaPort), socket };
    }
    this.registerOutputs({ host: this.host, port: this.port });
  }
}
