import type { Baseline } from "./migration-history";

/**
 * The last file of a history that was brought into this project, by database: `{ sark: "000123_some_words.sql" }`. What
 * the lint finds in files up to it is not reported.
 */
export const BASELINE: Baseline = {};
