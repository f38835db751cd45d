import type { IPodMonitorSpec } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitorSpec";
import type { Subject } from "../../../objectives/plan/objective";

type Endpoint = NonNullable<IPodMonitorSpec["podMetricsEndpoints"]>[number];

type Relabelings = NonNullable<Endpoint["relabelings"]>;

/** Relabelings that give every series of a PodMonitor the labels by which rules select it. A server is a pod. */
export function seriesLabels(stack: string, database: Subject): Relabelings {
  return [
    { targetLabel: "stack", replacement: stack },
    { targetLabel: "database", replacement: database },
    { sourceLabels: ["__meta_kubernetes_pod_name"], targetLabel: "server" },
  ];
}

/**
 * Names of PgBouncer's metrics in every home. Its exporter has a label `database` for the pool's entry, which Prometheus
 * has moved out of the way of {@link seriesLabels}. From 0.11 on it has `totals` in the names of statistics.
 */
export const POOL_METRICS: Relabelings = [
  { sourceLabels: ["exported_database"], targetLabel: "entry" },
  { action: "labeldrop", regex: "exported_database" },
  {
    sourceLabels: ["__name__"],
    regex: "pgbouncer_stats_totals_(.+)",
    targetLabel: "__name__",
    replacement: "pgbouncer_stats_$1",
  },
];
