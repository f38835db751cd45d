/** Metric queries in the format of CloudNativePG's exporter. */
import type { DatabaseName } from "../../../../roles/plan/role-plan";
import type { QueryFile } from "../../../../queries/plan/query-file";

type Usage = "LABEL" | "GAUGE" | "COUNTER";

/** One query, with the exporter's own names of the fields. */
export interface OperatorQuery {
  readonly name: string;
  readonly query: string;
  readonly target_databases: readonly string[];
  /** Skipped on stand-bys. */
  readonly primary?: true;
  /** Runs in the transaction of the query, which is skipped if it is false. */
  readonly predicate_query?: string;
  /** Range of versions of PostgreSQL, in three parts. */
  readonly runonserver?: string;
  /** One entry for each column, in the order of the result. Any other number of columns, and the query is skipped. */
  readonly metrics: readonly Readonly<Record<string, ColumnUse>>[];
}

interface ColumnUse {
  readonly usage: Usage;
  readonly description: string;
}

/** Name that all queries share in the exporter: it publishes `cnpg_sark_<column>`. */
const NAMESPACE = "sark";

/** Relabels the exporter's names of these metrics to `sark_<column>`. */
export const OPERATOR_METRIC = { pattern: `cnpg_${NAMESPACE}_(.+)`, name: "sark_$1" } as const;

/**
 * The metric queries of a database. Every server gets all of them, and runs those of its role: the roles change in a
 * failover.
 */
export function operatorQueries(
  queries: readonly QueryFile[],
  database: DatabaseName,
  extensions: readonly string[],
): Readonly<Record<string, OperatorQuery>> {
  return Object.fromEntries(
    queries
      .filter(
        (query) =>
          query.metrics.length > 0 &&
          query.databases.includes(database) &&
          query.extensions.every((each) => extensions.includes(each)),
      )
      // The key must be unique among those of the operator's own queries.
      .map((query) => [`sark_${query.name.replaceAll("-", "_")}`, operatorQuery(query, database)]),
  );
}

function operatorQuery(query: QueryFile, database: DatabaseName): OperatorQuery {
  const { sql, server, since } = query;
  return {
    name: NAMESPACE,
    query: sql,
    target_databases: [database],
    ...(server === "primary" ? { primary: true } : {}),
    ...(server === "replica" ? { predicate_query: "select pg_catalog.pg_is_in_recovery()" } : {}),
    ...(since === undefined ? {} : { runonserver: `>=${since}.0.0` }),
    metrics: query.columns.map((column) => ({ [column]: columnUse(query, column) })),
  };
}

function columnUse({ metrics }: QueryFile, column: string): ColumnUse {
  const metric = metrics.find((each) => each.column === column);
  if (metric === undefined) return { usage: "LABEL", description: column };
  const { kind, help: description } = metric;
  return { usage: kind === "counter" ? "COUNTER" : "GAUGE", description };
}
