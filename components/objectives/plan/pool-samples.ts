import { Samples, type Series } from "./samples";

type Row = Readonly<Record<string, unknown>>;

/** Answers of PgBouncer's console to SHOW. */
export interface ConsoleAnswers {
  readonly pools: readonly Row[];
  readonly databases: readonly Row[];
  readonly lists: readonly Row[];
  readonly config: readonly Row[];
  readonly stats: readonly Row[];
}

/**
 * Metrics of a pool with the names of pgbouncer_exporter, and the pool's entry as the label `entry`. They use only columns
 * that all versions of PgBouncer have.
 * @param own clients that belong to the reading itself
 */
export function poolSamples(answers: ConsoleAnswers, own: number, time: number): Samples {
  const { pools, databases, lists, config, stats } = answers;
  const column =
    (name: string, labels: Readonly<Record<string, string>>, factor = 1) =>
    (row: Row): Series => ({
      labels: Object.fromEntries(
        Object.entries(labels).map(([label, from]) => [label, textIn(row, from)]),
      ),
      value: numberIn(row, name) * factor,
    });
  const figure = (value: unknown): readonly Series[] => [{ labels: {}, value: Number(value ?? 0) }];
  const pool = { entry: "database", user: "user" };
  const database = { entry: "name" };
  const used = lists.find((row) => row["list"] === "used_clients")?.["items"];
  const accepted = config.find((row) => row["key"] === "max_client_conn")?.["value"];
  const series: Readonly<Record<string, readonly Series[]>> = {
    up: figure(1),
    pools_client_maxwait_seconds: pools.map(column("maxwait", pool)),
    pools_server_active_connections: pools.map(column("sv_active", pool)),
    databases_max_connections: databases.map(column("max_connections", database)),
    databases_pool_size: databases.map(column("pool_size", database)),
    used_clients: figure(Number(used ?? 0) - own),
    config_max_client_connections: figure(accepted),
    stats_client_wait_seconds_total: stats.map(
      column("total_wait_time", { entry: "database" }, 1e-6),
    ),
    stats_sql_transactions_pooled_total: stats.map(
      column("total_xact_count", { entry: "database" }),
    ),
  };
  const named = Object.entries(series).map(
    ([name, values]) => [`pgbouncer_${name}`, values] as const,
  );
  return new Samples(new Map(named), { time });
}

export function numberIn(row: Row, column: string): number {
  return Number(row[column] ?? 0);
}

export function textIn(row: Row | undefined, column: string): string {
  const value = row?.[column];
  return typeof value === "string" ? value : "";
}
