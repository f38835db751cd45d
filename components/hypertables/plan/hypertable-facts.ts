/** Which rows of the generated data are late, and by how much. */
export interface Lateness {
  /** Share of the rows that are late, from 0 to 1. */
  readonly share: number;
  /** No row is later than this, in hours. */
  readonly hours: number;
}

export interface HypertableFacts {
  /** Its rows in a few words, for docs/schema.md. */
  readonly holds: string;
  readonly rows: {
    /** Rows for each request to the application. */
    readonly perRequest: number;
    /** Size of an uncompressed row with its share of all indexes. `npm run bench:compression` measures it. */
    readonly bytes: number;
    /** Whether the daily job digests them. */
    readonly digested: boolean;
  };
  /** The length of a chunk, and the ages at which it is compressed and dropped. A stack sets its own length and age. */
  readonly migration: Readonly<Record<"chunkInterval" | "compressAfter" | "dropAfter", string>>;
  /** How the data generator makes its rows. */
  readonly generated: {
    /** @default no row is late */
    readonly lateness?: Lateness;
    /**
     * Columns to fill, each with the values to draw from: a list, or the ids of users. Other columns get their default.
     * @default data/tables.ts names a generator for this table
     */
    readonly values?: Readonly<Record<string, "users" | readonly string[]>>;
  };
}

const facts = {
  audit_events: {
    holds: "the audit trail",
    // One in five requests: nobody audits every read.
    rows: { perRequest: 1 / 5, bytes: 820, digested: true },
    migration: { chunkInterval: "1 day", compressAfter: "7 days", dropAfter: "90 days" },
    generated: { lateness: { share: 0.02, hours: 24 } },
  },
  policy_evaluations: {
    holds: "every decision",
    rows: { perRequest: 1, bytes: 340, digested: true },
    migration: { chunkInterval: "6 hours", compressAfter: "7 days", dropAfter: "30 days" },
    generated: { lateness: { share: 0.02, hours: 24 } },
  },
  siem_events: {
    holds: "every attempt to deliver to a SIEM",
    // A twelfth of the events: severity "medium" or more.
    rows: { perRequest: 1 / 60, bytes: 460, digested: true },
    migration: { chunkInterval: "1 day", compressAfter: "7 days", dropAfter: "30 days" },
    generated: {},
  },
} as const satisfies Readonly<Record<string, HypertableFacts>>;

export type Hypertable = keyof typeof facts;

/** A value for each hypertable. */
export type PerHypertable<T> = Readonly<Record<Hypertable, T>>;

/** The hypertables of `sark_audit`, in the order of their migrations: a new one is a migration and an entry here. */
export const HYPERTABLE_FACTS: PerHypertable<HypertableFacts> = facts;

export const HYPERTABLES = Object.keys(facts) as readonly Hypertable[];

export function perHypertable<T>(of: (table: Hypertable) => T): PerHypertable<T> {
  return Object.fromEntries(HYPERTABLES.map((table) => [table, of(table)])) as PerHypertable<T>;
}

const row = 250;

/**
 * The continuous aggregates, whose chunks take memory as well: days as the migrations say them, and the bytes of a whole
 * chunk of a hundred policies, or thirty kinds of events, at 250 bytes a row with indexes.
 */
export const AGGREGATE_FACTS = {
  hourly_audit_summary: {
    ...{ holds: "events by hour", chunkDays: 30, retentionDays: 400 },
    chunkBytes: 30 * 24 * 30 * row,
  },
  hourly_policy_stats: {
    ...{ holds: "decisions by hour and policy", chunkDays: 30, retentionDays: 400 },
    chunkBytes: 30 * 24 * 100 * row,
  },
  daily_policy_stats: {
    ...{ holds: "decisions by day and policy", chunkDays: 365, retentionDays: 1100 },
    chunkBytes: 365 * 100 * row,
  },
} as const;
