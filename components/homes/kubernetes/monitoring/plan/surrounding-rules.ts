/**
 * Recording rules for what other exporters of the Kubernetes cluster measure around the servers and the pool: its series
 * get names and labels like those of our own queries.
 */
import type { RecordingRule } from "../../../../objectives/plan/alert-rules";
import { clusterNames, POOL_AUTHORITY, POOL_NAME } from "../../plan/cluster-names";
import type { NamedCluster } from "../../plan/cluster-stack";

/** The kubelet's figures of a volume. */
const VOLUME_METRICS = {
  sark_volume_free_bytes: "kubelet_volume_stats_available_bytes",
  sark_volume_bytes: "kubelet_volume_stats_capacity_bytes",
} as const;

/** Volumes of a server, with the end of their claims' names after the pod's. */
const VOLUMES = { data: "", wal: "-wal" } as const;

/** Size and free space of each volume of a cluster's servers. Of a claim on two nodes, the smaller value counts. */
export function volumeRules(
  own: NamedCluster,
  namespace: string,
  stack: string,
): readonly RecordingRule[] {
  return Object.entries(VOLUME_METRICS).flatMap(([record, metric]) =>
    Object.entries(VOLUMES).map(([volume, end]) => {
      const series = `${metric}{namespace="${namespace}",persistentvolumeclaim=~"${clusterNames(own).servers}${end}"}`;
      return {
        record,
        expr: `min by (server) (label_replace(${series}, "server", "$1", "persistentvolumeclaim", "(.+)${end}"))`,
        labels: { stack, database: own.database, volume },
      };
    }),
  );
}

/**
 * When the pool's certificates expire, by cert-manager. Unless its monitor has `honorLabels`, Prometheus renames the
 * certificate's namespace, because the exporter has one as well.
 */
export function certificateRules(namespace: string, stack: string): readonly RecordingRule[] {
  const [own, renamed] = ["namespace", "exported_namespace"].map(
    (label) =>
      `certmanager_certificate_expiration_timestamp_seconds{${label}="${namespace}",name=~"${POOL_NAME}|${POOL_AUTHORITY}"}`,
  );
  return [
    {
      record: "sark_certificate_expiry_seconds",
      expr: `min by (server) (label_replace(${own} or ${renamed}, "server", "$1", "name", "(.+)"))`,
      labels: { stack, database: "pool" },
    },
  ];
}
