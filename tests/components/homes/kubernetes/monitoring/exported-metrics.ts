/** Metrics that Prometheus stores for the Kubernetes home, after relabelling, with their labels. */
import { projectRoot } from "../../../../../components/files/project-root";
import {
  OPERATOR_METRIC,
  operatorQueries,
} from "../../../../../components/homes/kubernetes/monitoring/plan/operator-queries";
import { collector } from "../../../../../components/homes/kubernetes/monitoring/plan/exporter-config";
import { POOL_RELABELINGS } from "../../../../../components/objectives/plan/pool-relabelings";
import { SERVER_LABELS } from "../../../../../components/objectives/plan/expression";
import { readQueries } from "../../../../../components/queries/query-folder";
import { type DatabaseName, rolePlan } from "../../../../../components/roles/plan/role-plan";
import operator from "./cloudnative-pg-metrics.json";
import surrounding from "./surrounding-metrics.json";
import pgbouncer from "./pgbouncer-exporter-metrics.json";

/** Labels of each metric. */
export type Exported = ReadonlyMap<string, readonly string[]>;

export const QUERIES = readQueries(projectRoot());

export function customQueries(database: DatabaseName) {
  return operatorQueries(QUERIES, database, rolePlan(database, 1).extensions);
}

/** Of a cluster: the custom queries; by the recorded lists the operator's own metrics, its plugin's and the kubelet's. */
export function exportedByCluster(database: DatabaseName): Exported {
  const custom = Object.values(customQueries(database)).flatMap(({ name, metrics }) => {
    const columns = metrics.flatMap((each) => Object.entries(each));
    const labels = columns.flatMap(([column, { usage }]) => (usage === "LABEL" ? [column] : []));
    return columns
      .filter(([, { usage }]) => usage === "GAUGE" || usage === "COUNTER")
      .map(([column]) => [relabelled(`cnpg_${name}_${column}`), labels] as const);
  });
  return new Map([
    ...stored([
      ...custom,
      ...Object.entries<readonly string[]>(operator.metrics),
      ...Object.entries<readonly string[]>(surrounding.barmanCloud.metrics),
    ]),
    ...Object.entries<readonly string[]>(surrounding.kubelet.metrics),
  ]);
}

/** Queries of the exporter for servers outside of the cluster, in a role. */
export function collectorOf(role: "primary" | "replica", database: DatabaseName = "sark") {
  const { extensions } = rolePlan(database, 1);
  return collector(QUERIES, { database, role, majorVersion: 18, extensions });
}

/** Of servers outside of the cluster, in both roles. */
export function exportedByExporter(database: DatabaseName): Exported {
  return stored(
    (["primary", "replica"] as const).flatMap((role) =>
      collectorOf(role, database).metrics.map(
        ({ metric_name, key_labels }) => [metric_name, key_labels] as const,
      ),
    ),
  );
}

function relabelled(metric: string): string {
  return metric.replace(new RegExp(`^${OPERATOR_METRIC.pattern}$`), OPERATOR_METRIC.name);
}

/** Of the pool, and of its certificates, by the recorded lists. */
export function exportedByPool(): Exported {
  const rename = POOL_RELABELINGS.find(({ targetLabel }) => targetLabel === "__name__");
  const pattern = new RegExp(`^${rename?.regex ?? ""}$`);
  const pool = Object.entries<readonly string[]>(pgbouncer.metrics).map(
    ([name, labels]) =>
      [
        name.replace(pattern, rename?.replacement ?? ""),
        labels.map((label) => (label === "database" ? "entry" : label)),
      ] as const,
  );
  // Prometheus keeps a label that it sets itself under another name.
  const certificates = Object.entries<readonly string[]>(surrounding.certManager.metrics).map(
    ([name, labels]) => [name, [...labels, "exported_namespace"]] as const,
  );
  return new Map([...stored(pool), ...certificates]);
}

function stored(metrics: readonly (readonly [string, readonly string[]])[]): Exported {
  return new Map(metrics.map(([name, labels]) => [name, [...labels, ...SERVER_LABELS]]));
}
