import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../database-server";
import { type ExternalServer, LocalServer, type LocalServerArgs } from "./local-server";

export type ExternalTimescaleArgs = Pick<LocalServerArgs, "plan"> & ExternalServer;

/**
 * An existing TimescaleDB server with the database `sark_audit`. The stack manages what is inside the database, not the
 * server's parameters.
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
