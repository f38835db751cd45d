/**
 * The logins of each database, an entry each. Whatever is planned for a login follows from its entry: its roles, the
 * pool's look-up and size, Secrets, outputs, and the named queries that may ask for it. CONTRIBUTING.md adds one.
 */

export interface LoginEntry {
  /** The database's groups, without its name in front, and PostgreSQL's own. */
  readonly memberOf: readonly Group[];
  /** The same in `sark_audit`, where it differs. */
  readonly memberOfInAudit?: readonly Group[];
  /** False: it has what its groups have only after `set role` to one of them. @default true */
  readonly inherit?: boolean;
  /** CONNECT to the database and USAGE of schema public, where no group gives it that. @default none */
  readonly privileges?: readonly LoginPrivilege[];
  /** Settings in its database; they survive transaction pooling, unlike start-up options. */
  readonly settings: Readonly<Record<string, string>>;
  /** Sessions that it may hold. @default -1, no limit of its own */
  readonly connectionLimit?: number;
  /** Two logins, ending in `_a` and `_b`, that take turns at each rotation. @default one, whose password stays */
  readonly pair?: boolean;
  /** Whether clients log in with it through the pool. */
  readonly pooled?: boolean;
  /** Whether programs are given it: in a Secret of a cluster, and in Secrets Manager. */
  readonly handedOut?: boolean;
  /** How much it may do, from 1 for the least. Unset: no named query may ask for it. */
  readonly queryRank?: number;
  /** Seconds for which it waits for the one session of the embedded TimescaleDB. @default 60 */
  readonly patience?: number;
}

type Group = "owner" | "witness" | "writer" | "reader" | "pg_monitor" | "pg_signal_backend";

export type LoginPrivilege = "CONNECT" | "USAGE";

/**
 * Time-outs: 30 s for statements of the application is the guide's figure. A transaction that is idle for a minute holds
 * locks and bloat back, so it ends; a lock is waited for less long than a statement may run, so that a queue behind one
 * slow lock does not use up the pool.
 */
const ENTRIES = {
  app: {
    memberOf: ["writer"],
    settings: timeouts("30s", "5s", "60s"),
    pair: true,
    pooled: true,
    handedOut: true,
    queryRank: 3,
  },
  readonly: {
    memberOf: ["reader"],
    settings: timeouts("5min", "5s", "5min"),
    pair: true,
    pooled: true,
    handedOut: true,
    queryRank: 2,
    patience: 10,
  },
  migrate: {
    memberOf: ["owner"],
    memberOfInAudit: ["owner", "witness"],
    // What it may do as the owner it does after a deliberate `set role`, and nothing before.
    inherit: false,
    privileges: ["CONNECT"],
    // Each migration file states its own; these hold where somebody uses the login by hand.
    settings: timeouts("60s", "2s", "60s"),
    connectionLimit: 5,
    queryRank: 5,
    patience: 45,
  },
  maintain: {
    // Before PostgreSQL 17 only an owner may vacuum and reindex; what a failed rebuild leaves, only an owner may drop.
    // It ends sessions that hang, and so has to see what they do: `npm run query terminate-idle-connections`.
    memberOf: ["owner", "pg_monitor", "pg_signal_backend"],
    // There it does neither, and is no member of the owner, who could rewrite the trail.
    memberOfInAudit: ["pg_monitor", "pg_signal_backend"],
    // Each job states its own; these hold by hand: a vacuum may take its time, and waits for no lock for long.
    settings: timeouts("4h", "2s", "60s"),
    // Those of one database's jobs, all at once, and a few for somebody who looks after them.
    connectionLimit: 8,
    queryRank: 4,
    patience: 45,
  },
  monitor: {
    memberOf: ["pg_monitor"],
    // pg_stat_statements, whose view it reads, lies in schema public.
    privileges: ["CONNECT", "USAGE"],
    settings: timeouts("10s", "1s", "10s"),
    connectionLimit: 5,
    queryRank: 1,
    patience: 10,
  },
  // The pool's own, with which it looks up the others' verifiers.
  pgbouncer: { memberOf: [], privileges: ["CONNECT"], settings: timeouts("5s", "1s", "10s") },
} as const satisfies Readonly<Record<string, LoginEntry>>;

/** What a login is for; the key under which the stack's `logins` output lists it. */
export type Purpose = keyof typeof ENTRIES;

export const LOGINS: Readonly<Record<Purpose, LoginEntry>> = ENTRIES;

/** In the order of the entries. */
export const PURPOSES = Object.keys(LOGINS) as readonly Purpose[];

export const POOLED = PURPOSES.filter((purpose) => LOGINS[purpose].pooled);

export const HANDED_OUT = PURPOSES.filter((purpose) => LOGINS[purpose].handedOut);

/** Roles that hold connections of the pool: both of a pair during a rotation, and the pool's own, which looks up verifiers. */
export const POOL_ROLES = POOLED.reduce((sum, purpose) => sum + (LOGINS[purpose].pair ? 2 : 1), 1);

function timeouts(statement: string, lock: string, idle: string): LoginEntry["settings"] {
  return {
    idle_in_transaction_session_timeout: idle,
    lock_timeout: lock,
    statement_timeout: statement,
  };
}
