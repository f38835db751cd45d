import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor";
import { stringify } from "yaml";
import { projectRoot } from "../../../files/project-root";
import { readQueries } from "../../../queries/query-folder";
import { clusterNames } from "../plan/cluster-names";
import type { NamedCluster } from "../plan/cluster-stack";
import { clusterSelector, metadata } from "../labels";
import { OPERATOR_METRIC, operatorQueries } from "./plan/operator-queries";
import { seriesLabels } from "./series-labels";

/** Key of the ConfigMap's queries. */
export const QUERIES_KEY = "queries";

/**
 * ConfigMap with the metric queries of a cluster's servers. The operator lets the servers read it, and they load a
 * change without a restart.
 */
export function metricsConfigMap(
  own: NamedCluster,
  namespace: string,
  extensions: readonly string[],
) {
  const { cluster, metrics } = clusterNames(own);
  const named = metadata("database", namespace, metrics, cluster);
  const queries = operatorQueries(readQueries(projectRoot()), own.database, extensions);
  return {
    metadata: { ...named, labels: { ...named.labels, "cnpg.io/reload": "true" } },
    data: { [QUERIES_KEY]: stringify(queries, { lineWidth: 0 }) },
  };
}

/**
 * PodMonitor of a cluster's servers: the operator's exporter over TLS, verified against the cluster's CA by the name of
 * the primary's Service, which every server certificate contains. The operator's own monitor (`enablePodMonitor`) is
 * deprecated. The operator's own metrics keep their names, which other dashboards and rules use.
 */
export function podMonitor(own: NamedCluster, namespace: string, stack: string): PodMonitor {
  const { cluster, primary, authority } = clusterNames(own);
  return new PodMonitor({
    metadata: metadata("database", namespace, cluster),
    spec: {
      selector: { matchLabels: { ...clusterSelector(cluster), "cnpg.io/podRole": "instance" } },
      podMetricsEndpoints: [
        {
          port: "metrics",
          scheme: "https",
          tlsConfig: {
            ca: { secret: { name: authority, key: "ca.crt" } },
            serverName: primary,
          },
          relabelings: seriesLabels(stack, own.database),
          metricRelabelings: [
            {
              sourceLabels: ["__name__"],
              regex: OPERATOR_METRIC.pattern,
              targetLabel: "__name__",
              replacement: OPERATOR_METRIC.name,
            },
          ],
        },
      ],
    },
  });
}
