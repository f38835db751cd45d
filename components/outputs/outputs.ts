/**
 * The stack's outputs: one flat contract that the commands, other stacks and the tests read.
 * Passwords occur in `logins` alone, and that output is a secret.
 */
import type { HypertablePlan } from "../hypertables/plan/hypertable-plan";
import type { PoolRuns, ServerRuns } from "../homes/plan/server-runs";
import type { PodsTarget, ServerTarget } from "../route/open-relay";

/** One database server, as its users see it. */
export interface ServerOutput {
  /** Home that it lives in. */
  readonly home: string;
  /** PostgreSQL, or PostgreSQL with TimescaleDB. */
  readonly engine: "postgresql" | "timescaledb";
  readonly database: string;
  readonly host: string;
  readonly port: number;
  /** TLS mode in libpq's words; `disable` only on a loopback address. */
  readonly sslMode: string;
  /** Sessions that the server accepts at once (`max_connections`; 1 on the embedded TimescaleDB). */
  readonly maxConnections: number;
  /** Sessions that the stack's parts may open together: the sum of the connection budget. */
  readonly budget: number;
  readonly replica?: { readonly host: string; readonly port: number };
  /** What it runs on; known before the server exists. Unset in outputs that an earlier version left. */
  readonly runs?: ServerRuns;
  /** Where host and port mean something in a cluster or a private network alone: how the commands reach it. */
  readonly relay?: ServerTarget;
  /** True for a server that stays, with its data, when the stack is destroyed. */
  readonly retained?: boolean;
  /** True for a server that somebody else runs. */
  readonly external?: boolean;
  /** What this server is not, in a sentence each; empty for a full server. */
  readonly limits: readonly string[];
  /** What the stack sets on its hypertables; unset where there are none, or an earlier version left the outputs. */
  readonly hypertables?: Pick<HypertablePlan, "chunkInterval" | "dropAfter">;
  /** Migration files in their order. */
  readonly migrations: readonly string[];
}

/** PgBouncer. `running` is false where the program is not on the machine. */
export interface PoolOutput {
  readonly host: string;
  readonly port: number;
  readonly running: boolean;
  /** Names that a client can connect to, with their pool mode. */
  readonly entries: Readonly<Record<string, string>>;
  /** As of a server. */
  readonly runs?: PoolRuns;
  /** As of a server; it leads to one instance. */
  readonly relay?: PodsTarget;
}

/** A login: how one connects with it, directly and through the pool. */
export interface LoginOutput {
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
}

export interface StackOutputs {
  readonly servers: Readonly<Record<string, ServerOutput>>;
  readonly pool: PoolOutput | null;
  /** By purpose, such as `sark_app`, `sark_readonly`, `sark_migrate`, `sark_maintain`, `sark_monitor`, `sark_admin`, `pool_stats`. Secret. */
  readonly logins: Readonly<Record<string, LoginOutput>>;
}
