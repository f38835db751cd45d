/** Configuration of sql_exporter (github.com/burningalchemist/sql_exporter), from the metric queries. */
import {
  metricQueries,
  type MetricQuery,
  type MetricServer,
  PREFIX,
} from "../../../../objectives/plan/metric-queries";
import type { QueryFile } from "../../../../queries/plan/query-file";

/** The exporter's port. */
export const SQL_EXPORTER_PORT = 9399;

/** Label that the exporter gives the series of a server, instead of `target`. */
export const SERVER_LABEL = "server";

/** Folders and files of the exporter's container. */
export const EXPORTER_PATHS = {
  /** The configuration with the logins. */
  config: "/etc/sql-exporter/config",
  configFile: "sql_exporter.yml",
  /** A file for each collector. */
  queries: "/etc/sql-exporter/queries",
  /** Certificate authorities of the servers. */
  authority: "/etc/sql-exporter/authority",
  authorityFile: "ca.crt",
} as const;

export type ExporterPaths = Readonly<Record<keyof typeof EXPORTER_PATHS, string>>;

type Role = MetricServer["role"];

/** A file with the queries of a role, in the exporter's format. */
export interface Collector {
  readonly collector_name: Role;
  readonly metrics: readonly {
    readonly metric_name: string;
    readonly type: "gauge" | "counter";
    readonly help: string;
    readonly key_labels: readonly string[];
    readonly values: readonly [string];
    readonly query_ref: string;
  }[];
  readonly queries: readonly { readonly query_name: string; readonly query: string }[];
}

/**
 * The queries of the servers in a role. The exporter cannot skip a query on a server, so each role has its own. A role
 * does not change in a failover of RDS: the stand-by takes over the primary's address.
 */
export function collector(queries: readonly QueryFile[], server: MetricServer): Collector {
  const own = metricQueries(queries, server);
  return {
    collector_name: server.role,
    metrics: own.flatMap(metricsOf),
    queries: own.map(({ name, sql }) => ({ query_name: name, query: sql })),
  };
}

function metricsOf({ name, metrics, labels }: MetricQuery): Collector["metrics"] {
  return metrics.map(({ column, kind, help }) => ({
    metric_name: `${PREFIX}${column}`,
    type: kind,
    help,
    key_labels: labels,
    values: [column],
    query_ref: name,
  }));
}

export function collectorFile(role: Role): string {
  return `${role}.yml`;
}

/** A server and the login on it. Its address is in an environment variable: {@link hostVariable}. */
export interface ExporterTarget {
  /** Label `server` of its series. */
  readonly name: string;
  readonly role: Role;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/**
 * Environment variable with the address of a server, by its position. A preview does not know the address of a server
 * that changes, and must not announce another Secret for that.
 */
export function hostVariable(position: number): string {
  return `SERVER_${position + 1}`;
}

/** The exporter's main file; it contains passwords. */
export function exporterConfig(targets: readonly ExporterTarget[], paths: ExporterPaths): object {
  const roles = [...new Set(targets.map(({ role }) => role))];
  return {
    global: {
      // Ends a reading before Prometheus gives up on all servers.
      scrape_timeout_offset: "1s",
      // The connection budget counts one session of the exporter on each server.
      max_connections: 1,
      max_idle_connections: 1,
    },
    collector_files: roles.map((role) => `${paths.queries}/${collectorFile(role)}`),
    jobs: roles.map((role) => ({
      job_name: role,
      collectors: [role],
      static_configs: [
        {
          targets: Object.fromEntries(
            targets.flatMap((each, position) =>
              each.role === role ? [[each.name, dataSource(each, position, paths)]] : [],
            ),
          ),
        },
      ],
    })),
  };
}

/** pgx closes the connection at a timeout; the driver behind `postgres://` would wait for a server that is gone. */
function dataSource(
  { port, user, password, database }: ExporterTarget,
  position: number,
  { authority, authorityFile }: ExporterPaths,
): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const options = new URLSearchParams({
    sslmode: "verify-full",
    sslrootcert: `${authority}/${authorityFile}`,
    connect_timeout: "5",
    application_name: "sark metrics",
  });
  const host = `\${${hostVariable(position)}}`;
  return `pgx://${login}@${host}:${port}/${database}?${options.toString()}`;
}
