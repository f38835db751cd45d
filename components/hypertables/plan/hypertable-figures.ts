/** The hypertables of `sark_audit`, in the order of their migrations. */
export const HYPERTABLES = ["audit_events", "policy_evaluations", "siem_events"] as const;

export type Hypertable = (typeof HYPERTABLES)[number];

/** A figure for each hypertable. */
export type PerHypertable<T> = Readonly<Record<Hypertable, T>>;

export interface HypertableFigures {
  /** Of a row that is not compressed, its share of all indexes included. `npm run bench:compression` measures it. */
  readonly bytesPerRow: number;
  /** Days after which rows are dropped, as the migrations say it. */
  readonly retentionDays: number;
}

export const HYPERTABLE_FIGURES: PerHypertable<HypertableFigures> = {
  audit_events: { bytesPerRow: 820, retentionDays: 90 },
  policy_evaluations: { bytesPerRow: 340, retentionDays: 30 },
  siem_events: { bytesPerRow: 460, retentionDays: 30 },
};

/** Days after which the migrations compress a chunk of any hypertable. */
export const COMPRESS_AFTER_DAYS = 7;

export interface AggregateFigures {
  /** The interval of its chunks and the age at which they are dropped, as the migrations say them. Days. */
  readonly chunkDays: number;
  readonly retentionDays: number;
  /** Size of a whole chunk in bytes: a hundred policies, or thirty kinds of events, at 250 bytes a row with indexes. */
  readonly chunkBytes: number;
}

const row = 250;

/** The continuous aggregates, whose chunks take memory as well. */
export const AGGREGATE_FIGURES: Readonly<Record<string, AggregateFigures>> = {
  hourly_audit_summary: { chunkDays: 30, retentionDays: 400, chunkBytes: 30 * 24 * 30 * row },
  hourly_policy_stats: { chunkDays: 30, retentionDays: 400, chunkBytes: 30 * 24 * 100 * row },
  daily_policy_stats: { chunkDays: 365, retentionDays: 1100, chunkBytes: 365 * 100 * row },
};
