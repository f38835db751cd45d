import type { Client } from "pg";
import { type MetricQuery, PREFIX } from "./plan/metric-queries";
import { Samples, type Series } from "./plan/samples";

/** Runs metric queries in one session, and returns their values. */
export async function readMetrics(
  client: Client,
  queries: readonly MetricQuery[],
): Promise<Samples> {
  const series = new Map<string, readonly Series[]>();
  for (const { sql, metrics, labels } of queries) {
    const { rows } = await client.query<Readonly<Record<string, unknown>>>(sql);
    for (const { column } of metrics) {
      series.set(
        `${PREFIX}${column}`,
        rows
          .filter((row) => row[column] !== null)
          .map((row) => ({
            labels: Object.fromEntries(labels.map((label) => [label, String(row[label])])),
            value: Number(row[column]),
          })),
      );
    }
  }
  return new Samples(series);
}
