import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../database-server";
import { type ExternalServer, LocalServer, type LocalServerArgs } from "./local-server";

export type ExternalTimescaleArgs = Pick<LocalServerArgs, "plan"> & ExternalServer;

/**
 * A TimescaleDB server that somebody else runs, with the database `sark_audit` on it. The stack makes what is inside
 * the database and leaves the server's parameters alone.
 */
export class ExternalTimescale extends LocalServer implements DatabaseServer {
  readonly engine = "timescaledb";
  readonly database = "sark_audit";
  readonly extensions = ["timescaledb"];
  readonly limits = [
    "its parameters, preloaded libraries, backups and replicas are not this stack's",
  ];
  readonly maxConnections = this.plan.maxConnections;

  constructor(name: string, args: ExternalTimescaleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ExternalTimescale", name, { ...args, external: args }, opts);
    this.registerOutputs({ host: this.host, port: this.port });
  }
}
