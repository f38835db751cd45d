import type { MetricColumn, QueryFile } from "../../queries/plan/query-file";
import type { DatabaseName } from "../../roles/plan/role-plan";

/** Prefix of all metrics that named queries publish. */
export const PREFIX = "sark_";

/** Names of the metrics that servers of a database publish in a role, whatever their version. */
export function publishedMetrics(
  queries: readonly QueryFile[],
  { database, role }: Pick<MetricServer, "database" | "role">,
): ReadonlySet<string> {
  return new Set(
    queries
      .filter(({ databases, server }) => databases.includes(database) && suits(server, role))
      .flatMap(({ metrics }) => metrics.map(({ column }) => `${PREFIX}${column}`)),
  );
}

function suits(server: QueryFile["server"], role: MetricServer["role"]): boolean {
  return server === "any" || server === role;
}

/** A server, as far as it decides which metrics it has. */
export interface MetricServer {
  readonly database: DatabaseName;
  readonly role: "primary" | "replica";
  readonly majorVersion: number;
  readonly extensions: readonly string[];
}

/** A named query whose columns are metrics and labels. */
export interface MetricQuery {
  readonly name: string;
  readonly sql: string;
  readonly metrics: readonly MetricColumn[];
  readonly labels: readonly string[];
}

/** The metric queries that a server can answer. */
export function metricQueries(
  queries: readonly QueryFile[],
  { database, role, majorVersion, extensions }: MetricServer,
): readonly MetricQuery[] {
  return queries
    .filter(
      (query) =>
        query.metrics.length > 0 &&
        query.databases.includes(database) &&
        suits(query.server, role) &&
        (query.since ?? 0) <= majorVersion &&
        query.extensions.every((each) => extensions.includes(each)),
    )
    .map(({ name, sql, metrics, columns }) => ({
      name,
      sql,
      metrics,
      labels: columns.filter((column) => !metrics.some((metric) => metric.column === column)),
    }));
}
