/**
 * Stack outputs: one flat contract for commands, other stacks and tests. Only `logins` has passwords, and it is a
 * secret.
 */
import type { BackupPromise } from "../backups/plan/backup-promise";
import type { HypertablePlan } from "../hypertables/plan/hypertable-plan";
import type { Overrides } from "../objectives/plan/catalogue";
import type { Need } from "../objectives/plan/objective";
import type { PoolSpec, ServerSpec } from "../homes/plan/server-spec";
import type { PodsTarget, ServerTarget } from "../route/open-relay";

/** Name of the passphrase of the backups among the logins. */
export const BACKUPS = "backups";

/** One database server, as seen by its users. */
export interface ServerOutput {
  /** Home of the server. */
  readonly home: string;
  /** PostgreSQL, or PostgreSQL with TimescaleDB. */
  readonly engine: "postgresql" | "timescaledb";
  readonly database: string;
  readonly host: string;
  readonly port: number;
  /** TLS mode in libpq's notation; `disable` only on a loopback address. */
  readonly sslMode: string;
  /** Maximum concurrent sessions (`max_connections`; 1 on the embedded TimescaleDB). */
  readonly maxConnections: number;
  /** Sessions that all parts of the stack may open together: the sum of the connection budget. */
  readonly budget: number;
  readonly replica?: { readonly host: string; readonly port: number };
  /** Infrastructure of the server; known before the server exists. Unset in outputs of an earlier version. */
  readonly runs?: ServerSpec;
  /** What its backups promise; null without backups, unset if the stack does not know, and in outputs of an earlier version. */
  readonly backups?: BackupPromise | null;
  /** How commands reach it, when host and port are valid only inside a cluster or private network. */
  readonly relay?: ServerTarget;
  /** Whether the server and its data are kept when the stack is destroyed. */
  readonly retained?: boolean;
  /** Whether the server is external, not managed by the stack. */
  readonly external?: boolean;
  /** Limitations of this server, one sentence each; empty for a full server. */
  readonly limits: readonly string[];
  /** Parts that objectives need and this server lacks. Unset in outputs of an earlier version. */
  readonly lacks?: readonly Need[];
  /** Settings of its hypertables; unset without hypertables, or in outputs of an earlier version. */
  readonly hypertables?: Pick<HypertablePlan, "chunkInterval" | "dropAfter">;
  /** Migration files in order. */
  readonly migrations: readonly string[];
}

/** PgBouncer. `running` is false when the program is not installed. */
export interface PoolOutput {
  readonly host: string;
  readonly port: number;
  readonly running: boolean;
  /** Names that clients can connect to, with their pool mode. */
  readonly entries: Readonly<Record<string, string>>;
  /** As in {@link ServerOutput}. */
  readonly runs?: PoolSpec;
  /** As in {@link ServerOutput}; it connects to one instance. */
  readonly relay?: PodsTarget;
}

/** A login, with its direct address. */
export interface LoginOutput {
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
}

/** A Prometheus that the stack runs. `running` is false when the program is not installed. */
export interface PrometheusOutput {
  readonly host: string;
  readonly port: number;
  readonly running: boolean;
}

export interface StackOutputs {
  readonly servers: Readonly<Record<string, ServerOutput>>;
  readonly pool: PoolOutput | null;
  /** Unset without one, and in outputs of an earlier version. */
  readonly prometheus?: PrometheusOutput;
  /**
   * Logins by purpose, such as `sark_app`, `sark_readonly`, `sark_migrate`, `sark_maintain`, `sark_monitor`,
   * `sark_admin`, `pool_stats`. Secret.
   */
  readonly logins: Readonly<Record<string, LoginOutput>>;
  /** Limits of objectives that the stack sets itself. Unset in outputs of an earlier version. */
  readonly objectives?: Overrides;
}
