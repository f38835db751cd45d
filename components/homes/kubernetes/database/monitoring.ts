import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor";
import { clusterNames } from "../plan/cluster-names";
import type { NamedCluster } from "../plan/cluster-stack";
import { clusterSelector, metadata } from "../labels";

/**
 * What Prometheus scrapes of a cluster's servers: the operator's own exporter, on TLS, verified against the cluster's
 * authority by the name of the primary's service, which every server's certificate has. The operator would make such an
 * object itself (`enablePodMonitor`), and is about to stop doing so.
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
