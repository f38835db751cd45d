/** How much data there is. Pure. */

export const SCALES = ["S", "M", "L"] as const;

/** S for tests, in seconds; M for measuring compression and plans, in minutes; L for the benchmark. */
export type Scale = (typeof SCALES)[number];

/** Rows of each table that has a size of its own; the others follow from these. */
export interface Sizes {
  readonly users: number;
  readonly servers: number;
  readonly sessions: number;
  readonly apiKeys: number;
  readonly policies: number;
  readonly rateLimits: number;
  readonly auditEvents: number;
  readonly policyEvaluations: number;
  /** How many days, up to `now`, the rows of `sark_audit` are spread over. */
  readonly days: number;
}

export const SIZES: Readonly<Record<Scale, Sizes>> = {
  S: {
    users: 1_000,
    servers: 2_000,
    sessions: 5_000,
    apiKeys: 500,
    policies: 40,
    rateLimits: 2_000,
    auditEvents: 30_000,
    policyEvaluations: 30_000,
    days: 7,
  },
  M: {
    users: 50_000,
    servers: 20_000,
    sessions: 100_000,
    apiKeys: 10_000,
    policies: 120,
    rateLimits: 50_000,
    auditEvents: 2_000_000,
    policyEvaluations: 2_000_000,
    days: 14,
  },
  L: {
    users: 500_000,
    servers: 100_000,
    sessions: 1_000_000,
    apiKeys: 100_000,
    policies: 400,
    rateLimits: 500_000,
    auditEvents: 20_000_000,
    policyEvaluations: 20_000_000,
    days: 30,
  },
};
