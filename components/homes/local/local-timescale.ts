import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../database-server";
import { DynamicResource } from "../../resources/dynamic-resource";
import { type DatabaseName, rolePlan } from "../../roles/plan/role-plan";
import { ADMIN, LocalServer, type LocalServerArgs } from "./local-server";

/**
 * TimescaleDB compiled to WebAssembly, as a local process. It is for trying the schema and its policies only; {@link
 * limits} lists what it lacks.
 */
export class LocalTimescale extends LocalServer implements DatabaseServer {
  readonly engine = "timescaledb";
  readonly database = "sark_audit";
  readonly extensions = ["timescaledb"];
  readonly maxConnections = 1;
  readonly limits = [
    "one session: clients wait for their turn",
    "no background workers: policies run only by call run_job",
    "fixed parameters, no pg_stat_statements, no replica",
  ];
  readonly lacks = ["backgroundJobs", "statistics"] as const;
  readonly socket = this.database;
  readonly dataResource: pulumi.Resource;

  constructor(name: string, args: LocalServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("LocalTimescale", name, args, opts);
    this.dataResource = new DynamicResource(
      "local:TimescaleServer",
      `${name}-server`,
      {
        directory: this.socket,
        port: args.port,
        database: this.database,
        adminPassword: this.admin.password,
        patience: waitTimes(this.database),
        serverVersion: undefined,
      },
      { parent: this, protect: args.protect },
    );
    this.registerOutputs({ host: this.host, port: this.port });
  }
}

/**
 * Seconds that the logins of the stack's commands wait for the one session: read-only commands wait less than those
 * that make changes.
 */
function waitTimes(database: DatabaseName): Readonly<Record<string, number>> {
  const logins = rolePlan(database, 1).roles.flatMap(({ name, patience }): [string, number][] =>
    patience === undefined ? [] : [[name, patience]],
  );
  return Object.fromEntries([[ADMIN, 45], ...logins]);
}
