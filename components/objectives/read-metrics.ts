import type { Client } from "pg";
import { isDriverError } from "../connections/connect";
import { type MetricQuery, PREFIX } from "./plan/metric-queries";
import { Samples, type Series } from "./plan/samples";

/**
 * Runs metric queries in one session, and returns their values. A query that fails, as on a schema of an earlier
 * version, does not prevent the others.
 * @param stuck why the session cannot answer any
 */
export async function readMetrics(
  client: Client,
  queries: readonly MetricQuery[],
  stuck?: string,
): Promise<Samples> {
  const series = new Map<string, readonly Series[]>();
  const failures = new Map<string, string>();
  let hung = stuck;
  // One transaction, so that the reading itself hardly counts as load. The size of an index waits for who rebuilds it.
  const begin = "begin read only; set local lock_timeout = '2s'";
  if (hung === undefined) await client.query(begin);
  for (const query of queries) {
    try {
      if (hung !== undefined) throw new Error(hung);
      for (const [metric, values] of await readQuery(client, query)) series.set(metric, values);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // The session still waits for the answer, and would wait again with each further query.
      if (isDriverError(error, "Query read timeout")) hung = `${query.name} gave no answer`;
      const text = hung ?? `${query.name}: ${reason}`;
      for (const { column } of query.metrics) failures.set(`${PREFIX}${column}`, text);
      if (hung === undefined) await client.query(`rollback; ${begin}`);
    }
  }
  if (hung === undefined) await client.query("commit");
  return new Samples(series, { failures, time: Date.now() / 1000 });
}

async function readQuery(
  client: Client,
  { sql, metrics, labels }: MetricQuery,
): Promise<readonly [string, readonly Series[]][]> {
  const { rows } = await client.query<Readonly<Record<string, unknown>>>(sql);
  return metrics.map(({ column }) => [
    `${PREFIX}${column}`,
    rows
      .filter((row) => row[column] !== null)
      .map((row) => ({
        labels: Object.fromEntries(labels.map((label) => [label, String(row[label])])),
        value: Number(row[column]),
      })),
  ]);
}
