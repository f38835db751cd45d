/** Sizes of the generated data. Pure. */

export const SCALES = ["S", "M", "L"] as const;

/** S for tests (seconds), M for measuring compression and plans (minutes), L for the benchmark. */
export type Scale = (typeof SCALES)[number];

/** Rows of each independent table, by scale. The sizes of other tables follow from these. */
const ROWS = {
  users: { S: 1_000, M: 50_000, L: 500_000 },
  servers: { S: 2_000, M: 20_000, L: 100_000 },
  sessions: { S: 5_000, M: 100_000, L: 1_000_000 },
  apiKeys: { S: 500, M: 10_000, L: 100_000 },
  policies: { S: 40, M: 120, L: 400 },
  rateLimits: { S: 2_000, M: 50_000, L: 500_000 },
  auditEvents: { S: 30_000, M: 2_000_000, L: 20_000_000 },
  policyEvaluations: { S: 30_000, M: 2_000_000, L: 20_000_000 },
  /** Days up to `now` over which the rows of `sark_audit` are spread. */
  days: { S: 7, M: 14, L: 30 },
} satisfies Readonly<Record<string, Readonly<Record<Scale, number>>>>;

export type Sizes = Readonly<Record<keyof typeof ROWS, number>>;

const sizesOf = (scale: Scale): Sizes =>
  Object.fromEntries(Object.entries(ROWS).map(([name, rows]) => [name, rows[scale]])) as Sizes;

export const SIZES: Readonly<Record<Scale, Sizes>> = {
  S: sizesOf("S"),
  M: sizesOf("M"),
  L: sizesOf("L"),
};
