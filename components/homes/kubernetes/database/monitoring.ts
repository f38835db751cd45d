import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor";
import { clusterNames } from "../plan/cluster-names";
import type { NamedCluster } from "../plan/cluster-stack";
import { clusterSelector, metadata } from "../labels";

/**
 * PodMonitor of a cluster's servers: the operator's exporter over TLS, verified against the cluster's CA by the name of
 * the primary's Service, which every server certificate contains. The operator's own monitor (`enablePodMonitor`) is
 * deprecated.
 */
export function podMonitor(own: NamedCluster, namespace: string): PodMonitor {
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
        },
      ],
    },
  });
}
