import type { Baseline } from "./migration-history";

/**
 * The last migration file of an imported history, by database: `{ sark: "000123_some_words.sql" }`. The lint does not
 * report findings in files up to it.
 */
export const BASELINE: Baseline = {};
