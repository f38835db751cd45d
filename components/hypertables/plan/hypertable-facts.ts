/** A share of the rows, from 0 to 1, arrives late by up to this many hours. */
export type Lateness = Readonly<Record<"share" | "hours", number>>;

export interface HypertableFacts {
  /** Description of the rows, for docs/schema.md. */
  readonly holds: string;
  readonly rows: {
    /** Rows per request to the application. */
    readonly perRequest: number;
    /** Uncompressed size of a row with its share of all indexes. Measured by `npm run bench:compression`. */
    readonly bytes: number;
    /** Whether the daily job digests the rows. */
    readonly digested: boolean;
  };
  /** Chunk interval, compression age and retention of the migrations. A stack sets its own interval and retention. */
  readonly migration: Readonly<Record<"chunkInterval" | "compressAfter" | "dropAfter", string>>;
  /** How the data generator creates rows. */
  readonly generated: {
    /** @default no late rows */
    readonly lateness?: Lateness;
    /** Columns with the values to draw from: a list, or the ids of users. @default a generator in data/tables.ts */
    readonly values?: Readonly<Record<string, "users" | readonly string[]>>;
  };
}

const facts = {
  audit_events: {
    holds: "the audit trail",
    // One in five requests: not every read is audited.
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
    // A twelfth of the events: severity "medium" or higher.
    rows: { perRequest: 1 / 60, bytes: 460, digested: true },
    migration: { chunkInterval: "1 day", compressAfter: "7 days", dropAfter: "30 days" },
    generated: {},
  },
} as const satisfies Readonly<Record<string, HypertableFacts>>;

export type Hypertable = keyof typeof facts;

/** A value for each hypertable. */
export type PerHypertable<T> = Readonly<Record<Hypertable, T>>;

/** Hypertables of `sark_audit`, in the order of their migrations. A new one needs a migration and an entry here. */
export const HYPERTABLE_FACTS: PerHypertable<HypertableFacts> = facts;

export const HYPERTABLES = Object.keys(facts) as readonly Hypertable[];

export function perHypertable<T>(of: (table: Hypertable) => T): PerHypertable<T> {
  return Object.fromEntries(HYPERTABLES.map((table) => [table, of(table)])) as PerHypertable<T>;
}

const row = 250;

/**
 * Continuous aggregates; their chunks take memory as well. A full chunk has rows for a hundred policies or thirty kinds
 * of events, at 250 bytes per row with indexes.
 */
export const AGGREGATE_FACTS = {
  hourly_audit_summary: {
    holds: "events by hour",
    migration: { chunkInterval: "30 days", dropAfter: "400 days" },
    chunkBytes: 30 * 24 * 30 * row,
  },
  hourly_policy_stats: {
    holds: "decisions by hour and policy",
    migration: { chunkInterval: "30 days", dropAfter: "400 days" },
    chunkBytes: 30 * 24 * 100 * row,
  },
  daily_policy_stats: {
    holds: "decisions by day and policy",
    migration: { chunkInterval: "365 days", dropAfter: "1100 days" },
    chunkBytes: 365 * 100 * row,
  },
} as const;
