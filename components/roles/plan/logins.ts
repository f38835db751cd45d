/**
 * Logins of each database. Everything about a login is derived from its entry: its roles, auth_query and pool size,
 * Secrets, outputs, and the named queries that it may run. CONTRIBUTING.md shows how to add one.
 */

export interface LoginEntry {
  /** Groups of the database, without its name as prefix, and PostgreSQL's predefined roles. */
  readonly memberOf: readonly Group[];
  /** Groups in `sark_audit`, if different. */
  readonly memberOfInAudit?: readonly Group[];
  /** False: it has its groups' privileges only after `set role`. @default true */
  readonly inherit?: boolean;
  /** Whether it has CONNECT on the database of its own, as no group grants it. @default false */
  readonly connects?: boolean;
  /** Settings in its database; unlike startup options, they survive transaction pooling. */
  readonly settings: Readonly<Record<string, string>>;
  /** Maximum number of sessions. @default -1, no limit of its own */
  readonly connectionLimit?: number;
  /**
   * Whether it is a pair of logins, `_a` and `_b`, that alternate at each rotation. @default one login with a fixed
   * password
   */
  readonly pair?: boolean;
  /** Whether clients use it through the pool. */
  readonly pooled?: boolean;
  /** Whether programs get it: in a Secret of a cluster, and in Secrets Manager. */
  readonly published?: boolean;
  /** Privilege rank for named queries, 1 for the least. Unset: no named query may use it. */
  readonly queryRank?: number;
  /** Seconds that it waits for the single session of the embedded TimescaleDB. @default 60 */
  readonly patience?: number;
}

type Group = "owner" | "witness" | "writer" | "reader" | "pg_monitor" | "pg_signal_backend";

/**
 * Timeouts. 30 s per statement of the application is the guide's figure. A transaction that is idle for a minute is
 * ended, because it holds locks and prevents vacuum. lock_timeout is shorter than statement_timeout, so that a queue
 * behind one slow lock does not exhaust the pool.
 */
const ENTRIES = {
  app: {
    memberOf: ["writer"],
    settings: timeouts("30s", "5s", "60s"),
    pair: true,
    pooled: true,
    published: true,
    queryRank: 3,
  },
  readonly: {
    memberOf: ["reader"],
    settings: timeouts("5min", "5s", "5min"),
    pair: true,
    pooled: true,
    published: true,
    queryRank: 2,
    patience: 10,
  },
  migrate: {
    memberOf: ["owner"],
    memberOfInAudit: ["owner", "witness"],
    // It gets the owner's privileges only by an explicit `set role`.
    inherit: false,
    connects: true,
    // Each migration file sets its own; these apply when the login is used manually.
    settings: timeouts("60s", "2s", "60s"),
    connectionLimit: 5,
    queryRank: 5,
    patience: 45,
  },
  maintain: {
    // Before PostgreSQL 17 only an owner may vacuum and reindex, and only an owner may drop the
    // leftovers of a failed rebuild. It also ends hanging sessions, so it must see their activity:
    // `npm run query terminate-idle-connections`.
    memberOf: ["owner", "pg_monitor", "pg_signal_backend"],
    // In sark_audit it does neither, and is not a member of the owner, who could rewrite the audit trail.
    memberOfInAudit: ["pg_monitor", "pg_signal_backend"],
    // Each job sets its own; these apply to manual use: a vacuum may take long, but waits only briefly for locks.
    settings: timeouts("4h", "2s", "60s"),
    // All jobs of one database at once, and a few sessions for an operator.
    connectionLimit: 8,
    queryRank: 4,
    patience: 45,
  },
  monitor: {
    memberOf: ["pg_monitor"],
    connects: true,
    settings: timeouts("10s", "1s", "10s"),
    connectionLimit: 5,
    queryRank: 1,
    patience: 10,
  },
  // The pool's own login, which looks up the verifiers of the others.
  pgbouncer: { memberOf: [], connects: true, settings: timeouts("5s", "1s", "10s") },
} as const satisfies Readonly<Record<string, LoginEntry>>;

/** Purpose of a login; its key in the stack's `logins` output. */
export type Purpose = keyof typeof ENTRIES;

export const LOGINS: Readonly<Record<Purpose, LoginEntry>> = ENTRIES;

/** All purposes, in the order of the entries. */
export const PURPOSES = Object.keys(LOGINS) as readonly Purpose[];

export const POOLED_PURPOSES = PURPOSES.filter((purpose) => LOGINS[purpose].pooled);

export const PUBLISHED_PURPOSES = PURPOSES.filter((purpose) => LOGINS[purpose].published);

/** Number of roles with pool connections: both of a pair during a rotation, and the pool's own login. */
export const POOL_ROLE_COUNT = POOLED_PURPOSES.reduce(
  (sum, purpose) => sum + (LOGINS[purpose].pair ? 2 : 1),
  1,
);

function timeouts(statement: string, lock: string, idle: string): LoginEntry["settings"] {
  return {
    idle_in_transaction_session_timeout: idle,
    lock_timeout: lock,
    statement_timeout: statement,
  };
}
