import * as pulumi from "@pulumi/pulumi";
import type { AdminConnection, DatabaseServer } from "../database-server";
import { DynamicResource } from "../../resources/dynamic-resource";
import { type DatabaseName, rolePlan } from "../../roles/plan/role-plan";
import type { ServerPlan } from "../plan/server-plan";
import { randomPassword } from "../../resources/random-password";
import { HOST } from "./processes/ports";

const ADMIN = "postgres";

export interface LocalTimescaleArgs {
  readonly plan: ServerPlan;
  /** Loopback port. A change restarts the server. */
  readonly port: number;
  /** Whether a deletion is refused. */
  readonly protect: boolean;
}

/**
 * TimescaleDB, compiled to WebAssembly, as a process of this machine: enough to try the schema and its policies, and no
 * more than that; {@link limits} says what it lacks.
 */
export class LocalTimescale extends pulumi.ComponentResource implements DatabaseServer {
  readonly home = "local";
  readonly engine = "timescaledb";
  readonly database = "sark_audit";
  readonly extensions = ["timescaledb"];
  readonly maxConnections = 1;
  readonly plan: ServerPlan;
  readonly limits = [
    "it has one session: clients take turns",
    "it runs no background workers: policies run when they are called (call run_job)",
    "its parameters are fixed, and it has no pg_stat_statements and no replica",
  ];
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly socket = this.database;
  readonly admin: AdminConnection;
  readonly lifetime: pulumi.Resource;

  constructor(name: string, args: LocalTimescaleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:local:LocalTimescale", name, {}, opts);
    const adminPassword = randomPassword(`${name}-admin-password`, { parent: this });
    const server = new DynamicResource(
      "local:TimescaleServer",
      `${name}-server`,
      {
        directory: this.socket,
        port: args.port,
        database: this.database,
        adminPassword,
        patience: patience(this.database),
        serverVersion: undefined,
      },
      { parent: this, protect: args.protect },
    );
    this.plan = args.plan;
    this.host = pulumi.output(HOST);
    this.port = pulumi.output(args.port);
    this.lifetime = server;
    this.admin = {
      host: this.host,
      port: this.port,
      user: ADMIN,
      password: adminPassword,
      sslMode: "disable",
      superuser: true,
    };
    this.registerOutputs({ host: this.host, port: this.port });
  }
}

/** How long the logins of the stack's own commands wait for the one session: whoever looks less than who changes. */
function patience(database: DatabaseName): Readonly<Record<string, number>> {
  const logins = rolePlan(database, 1).roles.flatMap(({ name, patience }): [string, number][] =>
    patience === undefined ? [] : [[name, patience]],
  );
  return Object.fromEntries([[ADMIN, 45], ...logins]);
}
