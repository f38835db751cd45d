import * as pulumi from "@pulumi/pulumi";
import type { ConnectionPool } from "../../pool/connection-pool";
import type { DatabaseLayer } from "../../database-layer/database-layer";
import type { Login } from "../../connections/database-connection";
import { DynamicResource } from "../../resources/dynamic-resource";
import type { PoolEntryPlan } from "../../pool/plan/pool-plan";
import type { Settings } from "../../settings/plan/settings-stack";
import { STATS_USER, poolDatabases, poolSettings } from "../../pool/pool-config";
import { POOLED_PURPOSES } from "../../roles/plan/logins";
import { randomPassword } from "../../resources/random-password";
import { HOST } from "./processes/ports";

export interface LocalPgBouncerArgs {
  readonly databases: readonly DatabaseLayer[];
  readonly settings: Settings["pool"];
  /** Loopback port. A change restarts the pool. */
  readonly port: number;
}

/** PgBouncer as a local process. If the program is not installed, the stack has no pool. */
export class LocalPgBouncer extends pulumi.ComponentResource implements ConnectionPool {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly running: pulumi.Output<boolean>;
  readonly statsLogin: Login;
  readonly entries: readonly PoolEntryPlan[];

  constructor(name: string, args: LocalPgBouncerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:local:LocalPgBouncer", name, {}, opts);
    const { databases, settings, port } = args;
    const statsPassword = randomPassword(`${name}-stats-password`, { parent: this });
    this.statsLogin = { user: STATS_USER, password: statsPassword };
    this.entries = databases.flatMap(({ server }) => server.plan.entries);

    const process = new Process(
      `${name}-process`,
      {
        directory: "pool",
        port,
        openFiles: settings.openFiles,
        databases: poolDatabases(databases),
        pgbouncer: poolSettings(settings, databases),
        userlist: [...databases.map(({ logins }) => logins.pgbouncer), this.statsLogin].map(
          ({ user, password }) => ({ name: user, secret: password }),
        ),
        clients: databases.flatMap(({ server, logins }) =>
          server.plan.entries.flatMap((entry) =>
            POOLED_PURPOSES.map((purpose) => ({ database: entry.name, ...logins[purpose] })),
          ),
        ),
      },
      // Accept clients only when the databases exist.
      { parent: this, dependsOn: [...databases] },
    );
    this.host = pulumi.output(HOST);
    this.port = pulumi.output(port);
    this.running = process.running;
    this.registerOutputs({ host: this.host, port: this.port, running: this.running });
  }
}

class Process extends DynamicResource {
  declare readonly running: pulumi.Output<boolean>;

  constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    const outputs = { running: undefined, version: undefined };
    super("local:PgBouncer", name, { ...inputs, ...outputs }, opts);
  }
}
