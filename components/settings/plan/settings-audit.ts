/** Settings of what `sark_audit` alone has: hypertables. */
import { z } from "zod";
import { perHypertable } from "../../hypertables/plan/hypertable-facts";
import { explained } from "./settings-fields";

const interval = explained(
  z.string().regex(/^([7-9]|[1-9]\d+) days$/),
  "Age at which rows are dropped, a chunk at a time. Left out: the figure of the migration.",
  "a number of days from 7, such as 90 days",
  "a shorter time deletes data, and the aggregates are refreshed from the last 5 days of it",
);

const rate = explained(
  z.number().min(0.001).max(1_000_000),
  "Rows a second on an average working day. Left out: what the application's tier suggests.",
  "a number from 0.001 to 1000000",
  "the newest chunks have to fit into a quarter of the memory, so the length of a chunk follows from it",
);

export const retention = z.strictObject(perHypertable(() => interval.optional())).default({});

export const ingest = z.strictObject(perHypertable(() => rate.optional())).default({});
