/** Runs metric queries as CloudNativePG's exporter does. */
import type { OperatorQuery } from "../../../../../components/homes/kubernetes/monitoring/plan/operator-queries";

type Row = Readonly<Record<string, unknown>>;

/** Runs a statement, and returns its rows. */
type Run = (statement: string) => Promise<readonly Row[]>;

/** The exporter's role, as the operator creates it in every cluster. */
export const EXPORTER_ROLE = `
  create role cnpg_metrics_exporter with login password null;
  grant pg_monitor to cnpg_metrics_exporter;`;

/**
 * The result of a query and its predicate, as rows of the exporter's role in a read-only transaction with its search
 * path (createMonitoringTx in pkg/management/postgres/metrics/collector.go, v1.30.0).
 * @param run in a session of a superuser
 */
export async function asExporter(run: Run, { query, predicate_query }: OperatorQuery) {
  await run("set session authorization cnpg_metrics_exporter");
  try {
    await run("begin transaction read only");
    await run("set local search_path = pg_catalog, public, pg_temp");
    const predicate = predicate_query && (await run(predicate_query));
    return { predicate, rows: await run(query) };
  } finally {
    await run("rollback");
    await run("reset session authorization");
  }
}

/**
 * What the exporter refuses in a result: it needs exactly the mapped columns, in order, numbers as metrics, and other
 * labels in each row. Two rows with the same labels fail every metric of the server.
 */
export function refusedIn(rows: readonly Row[], { metrics }: OperatorQuery): readonly string[] {
  const columns = metrics.flatMap((each) => Object.entries(each));
  const names = columns.map(([name]) => name).join();
  const labels = columns.flatMap(([name, { usage }]) => (usage === "LABEL" ? [name] : []));
  const series = rows.map((row) => JSON.stringify(labels.map((label) => row[label])));
  return [
    ...rows.flatMap((row) => {
      if (Object.keys(row).join() !== names) return [`columns ${Object.keys(row).join()}`];
      return columns
        .filter(([name, { usage }]) => usage !== "LABEL" && !isNumber(row[name]))
        .map(([name]) => `${name} is ${String(row[name])}`);
    }),
    ...series.filter((each, index) => series.indexOf(each) !== index),
  ];
}

/** Null becomes NaN. The driver returns large numbers as text, and the exporter reads them from it. */
function isNumber(value: unknown): boolean {
  return value === null || (typeof value !== "boolean" && Number.isFinite(Number(value)));
}
