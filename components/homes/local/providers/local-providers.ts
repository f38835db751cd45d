/** The providers of the local home, by the kind that a resource's `__provider` asks for. */
import type * as pulumi from "@pulumi/pulumi";
import { monitoring } from "./provider-monitoring";
import { pgBouncer } from "./provider-pgbouncer";
import { postgresReplica } from "./provider-postgres-replica";
import { postgresServer } from "./provider-postgres-server";
import { timescaleServer } from "./provider-timescale-server";

export type LocalKind =
  | "local:PostgresServer"
  | "local:PostgresReplica"
  | "local:TimescaleServer"
  | "local:PgBouncer"
  | "local:Monitoring";

export const localProviders: Readonly<Record<LocalKind, pulumi.dynamic.ResourceProvider>> = {
  "local:PostgresServer": postgresServer,
  "local:PostgresReplica": postgresReplica,
  "local:TimescaleServer": timescaleServer,
  "local:PgBouncer": pgBouncer,
  "local:Monitoring": monitoring,
};
