/** The guide's pool sizes by load, for four pods. Sizes are connections per pod. */
export const APPLICATION_TIERS = {
  low: { load: "under 100 requests/s", poolSize: 10, maxOverflow: 5, maxConnections: 100 },
  medium: { load: "100-500 requests/s", poolSize: 20, maxOverflow: 10, maxConnections: 200 },
  high: { load: "500-1000 requests/s", poolSize: 30, maxOverflow: 15, maxConnections: 250 },
  "very-high": { load: "over 1000 requests/s", poolSize: 40, maxOverflow: 20, maxConnections: 300 },
} as const;

/** Name of a tier of the guide. */
export type ApplicationTier = keyof typeof APPLICATION_TIERS;
