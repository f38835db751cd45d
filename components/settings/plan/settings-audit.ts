/** Settings that only `sark_audit` has: retention and ingest rates of hypertables. */
import { z } from "zod";
import { perHypertable } from "../../hypertables/plan/hypertable-facts";
import { withDocumentation } from "./settings-fields";

const retentionAge = withDocumentation(
  z.string().regex(/^([7-9]|[1-9]\d+) days$/),
  "Age at which rows are dropped, one chunk at a time. Default: the policy of the migration.",
  "a number of days from 7, such as 90 days",
  "a shorter retention deletes data, and the aggregates are refreshed from the last 5 days of raw rows",
);

const ingestRate = withDocumentation(
  z.number().min(0.001).max(1_000_000),
  "Rows per second on an average working day. Default: estimated from the application's tier.",
  "a number from 0.001 to 1000000",
  "the newest chunks must fit into a quarter of the memory, so the chunk interval is computed from this rate",
);

export const retention = z.strictObject(perHypertable(() => retentionAge.optional())).default({});

export const ingest = z.strictObject(perHypertable(() => ingestRate.optional())).default({});
