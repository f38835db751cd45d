/** Configuration of the local home's Prometheus, and of the exporters' log-in. */

import { POOL_RELABELINGS } from "../../../objectives/plan/pool-relabelings";

/** User of Prometheus and of the exporters, which share one password. */
export const USERNAME = "sark";

/** A server or the pool, as Prometheus names it. */
export interface ScrapeTarget {
  readonly stack: string;
  readonly database: string;
  readonly server: string;
}

/** A server, and how often it is read. */
export interface ServerTarget extends ScrapeTarget {
  /** True if it has one session, which the reading takes from others. */
  readonly singleSession: boolean;
}

export interface PrometheusFiles {
  /** Address of the exporter of all servers, and path of one server in it. */
  readonly servers: { readonly address: string; readonly targets: readonly ServerTarget[] };
  /** Exporter of the pool. */
  readonly pool: { readonly address: string; readonly target: ScrapeTarget } | undefined;
  readonly login: { readonly username: string; readonly passwordFile: string };
  readonly rulesFile: string;
}

/** Seconds between two readings; of a server with a single session more, since each may end an idle session. */
const INTERVAL = 15;
const SINGLE_SESSION = { __scrape_interval__: "60s", __scrape_timeout__: "25s" };

/** The main configuration file, before it is rendered as YAML. */
export function prometheusConfig({ servers, pool, login, rulesFile }: PrometheusFiles): object {
  const basic_auth = { username: login.username, password_file: login.passwordFile };
  return {
    global: { scrape_interval: `${INTERVAL}s`, evaluation_interval: `${INTERVAL}s` },
    rule_files: [rulesFile],
    scrape_configs: [
      {
        job_name: "sark",
        basic_auth,
        static_configs: servers.targets.map(({ singleSession, ...target }) => ({
          targets: [servers.address],
          labels: {
            ...target,
            __metrics_path__: metricsPath(target),
            ...(singleSession ? SINGLE_SESSION : {}),
          },
        })),
        // A server is told by its own labels; all are read from one address.
        relabel_configs: [{ source_labels: ["server"], target_label: "instance" }],
      },
      ...(pool === undefined
        ? []
        : [
            {
              job_name: "pgbouncer",
              basic_auth,
              static_configs: [{ targets: [pool.address], labels: pool.target }],
              metric_relabel_configs: POOL_RELABELINGS.map(snakeCase),
            },
          ]),
    ],
  };
}

/** Path under which the exporter answers for one server. */
export function metricsPath({ server }: Pick<ScrapeTarget, "server">): string {
  return `/metrics/${server}`;
}

/** Prometheus' own names of the fields. */
function snakeCase(relabeling: object): object {
  return Object.fromEntries(
    Object.entries(relabeling).map(([name, value]: [string, unknown]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}
