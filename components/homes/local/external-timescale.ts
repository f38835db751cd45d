import * as pulumi from "@pulumi/pulumi";
import type { AdminConnection, DatabaseServer } from "../database-server";
import type { ServerPlan } from "../plan/server-plan";

export interface ExternalTimescaleArgs {
  readonly plan: ServerPlan;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly sslMode: "disable" | "verify-full";
  /** Secret. */
  readonly password: pulumi.Output<string>;
}

/**
 * A TimescaleDB server that somebody else runs, with the database `sark_audit` on it. The stack makes what is inside
 * the database and leaves the server's parameters alone.
 */
export class ExternalTimescale extends pulumi.ComponentResource implements DatabaseServer {
  readonly home = "local";
  readonly engine = "timescaledb";
  readonly database = "sark_audit";
  readonly extensions = ["timescaledb"];
  readonly plan: ServerPlan;
  readonly limits = [
    "its parameters, preloaded libraries, backups and replicas are not this stack's",
  ];
  readonly maxConnections: number;
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly admin: AdminConnection;

  constructor(name: string, args: ExternalTimescaleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:local:ExternalTimescale", name, {}, opts);
    this.plan = args.plan;
    this.maxConnections = args.plan.maxConnections;
    this.host = pulumi.output(args.host);
    this.port = pulumi.output(args.port);
    this.admin = {
      host: this.host,
      port: this.port,
      user: args.user,
      password: args.password,
      sslMode: args.sslMode,
      superuser: true,
    };
    this.registerOutputs({ host: this.host, port: this.port });
  }
}
