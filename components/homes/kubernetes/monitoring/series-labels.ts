import type { IPodMonitorSpec } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitorSpec";
import type { Subject } from "../../../objectives/plan/objective";

type Endpoint = NonNullable<IPodMonitorSpec["podMetricsEndpoints"]>[number];

type Relabelings = NonNullable<Endpoint["relabelings"]>;

/** Relabelings that give every series of a PodMonitor the labels by which rules select it, except `server`. */
export function stackLabels(stack: string, database: Subject): Relabelings {
  return [
    { targetLabel: "stack", replacement: stack },
    { targetLabel: "database", replacement: database },
  ];
}

/** The same with `server`, where a server is a pod. */
export function seriesLabels(stack: string, database: Subject): Relabelings {
  return [
    ...stackLabels(stack, database),
    { sourceLabels: ["__meta_kubernetes_pod_name"], targetLabel: "server" },
  ];
}
