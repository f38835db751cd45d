import { Cluster } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/Cluster";
import type { IClusterSpec } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/ClusterSpec";
import { clusterParameters } from "../plan/cnpg-parameters";
import { serverImage } from "../plan/images";
import { memoryQuantity } from "../plan/quantity";
import { walVolumeSize } from "../plan/wal-volume";
import { clusterNames } from "../plan/cluster-names";
import type { DatabaseName } from "../../../roles/plan/role-plan";
import type { ServerPlan } from "../../plan/server-plan";
import { bucketRole } from "../../../settings/plan/settings-bucket";
import type { Bucket, ClusteredDatabase } from "../plan/cluster-stack";
import { contentHash } from "../../../text/fingerprint";
import { labels } from "../labels";
import { QUERIES_KEY } from "../monitoring/cluster-metrics";
import type { KubernetesPlatform } from "../platform/kubernetes-platform";
import { archivePlugin } from "./cluster-backups";
import { bootstrapSpec } from "./bootstrap";
import { placementSpec, serverResources } from "./placement";

/**
 * Shutdown timeouts in seconds. A smart shutdown waits for clients to disconnect, which PgBouncer never does, and
 * accepts no new ones: it only lets statements end. Then sessions are cut off and the remaining WAL is archived, in
 * less than the 15 minutes after which EKS stops draining a node.
 *
 * A primary that switches over, or has failed while alive, gets less time, since nobody can write meanwhile. A shorter
 * time would lose commits that a slow stand-by has not received. Unarchived WAL is archived when the server is back.
 * https://github.com/cloudnative-pg/cloudnative-pg/blob/v1.30.0/docs/src/instance_manager.md#shutdown-control
 */
const SHUTDOWN = { smartShutdownTimeout: 10, stopDelay: 600, switchoverDelay: 300 } as const;

/** Annotation of a cluster's pods: hash of the spec that the operator has applied. */
const DESCRIPTION = "sark-databases/description";

/**
 * The CloudNativePG Cluster of a database.
 *
 * `restart` updates the primary in place, after the stand-bys. `switchover` would be shorter by one server start, but
 * the operator then rejects a change of image and parameters together, and here one follows from the other. The primary
 * stays the same server, with its cache.
 *
 * Omitted fields keep the operator's defaults on purpose: its own CA and certificates (they name every Service of the
 * cluster), and the failover timing. Failover has no delay. A crash is detected without a probe; a readiness probe
 * under 30 s would mistake a busy primary for a dead one. An isolated primary stops after 30 s, before a lost node is
 * given up after 40 s. Tolerations do not delay a failover: it does not wait for the old pod.
 * https://github.com/cloudnative-pg/cloudnative-pg/blob/v1.30.0/docs/src/failover.md#detection-of-node-level-failures
 */
export function clusterObject(
  database: ClusteredDatabase,
  plan: ServerPlan,
  bucket: Bucket | undefined,
  {
    namespace,
    monitoring,
    snapshots,
  }: Pick<KubernetesPlatform, "namespace" | "monitoring" | "snapshots">,
): Cluster {
  const { cluster, metrics } = clusterNames(database);
  const { availability, instances } = database;
  const own = labels("database", cluster);
  const spec: IClusterSpec = {
    instances,
    imageName: serverImage(database),
    // A restart must not need the registry.
    imagePullPolicy: "IfNotPresent",
    ...bootstrapSpec(database),
    postgresql: postgresqlOf(database, plan),
    enableSuperuserAccess: false,
    ...storageOf(plan),
    ...serverResources(plan),
    ...placementSpec(cluster, instances, availability === "multi-zone"),
    seccompProfile: { type: "RuntimeDefault" },
    primaryUpdateStrategy: "unsupervised",
    primaryUpdateMethod: "restart",
    ...SHUTDOWN,
    replicationSlots: { highAvailability: { enabled: true } },
    ...(bucket ? archivingOf(bucket, plan.database, cluster) : {}),
    ...(snapshots ? { backup: { volumeSnapshot: { className: snapshots.class } } } : {}),
    monitoring: {
      tls: { enabled: true },
      ...(monitoring ? { customQueriesConfigMap: metricQueriesOf(metrics) } : {}),
    },
    logLevel: "info",
  };
  return new Cluster({
    metadata: {
      name: cluster,
      namespace,
      labels: own,
      // ClusterHealth waits instead, and reports on what.
      annotations: { "pulumi.com/skipAwait": "true" },
    },
    spec: {
      ...spec,
      inheritedMetadata: {
        // Only this label: the operator sets name, component and manager on its own objects.
        labels: { "app.kubernetes.io/part-of": own["app.kubernetes.io/part-of"] ?? "" },
        // The operator copies it to the pods once it has read this spec; nothing else reports that.
        annotations: { [DESCRIPTION]: contentHash(spec) },
      },
    },
  });
}

/**
 * ConfigMaps with the exporter's queries: the operator's own, and the project's. The operator would add its own to the
 * front of the list, and the first entry would then look changed after a refresh.
 */
function metricQueriesOf(name: string) {
  return ["cnpg-default-monitoring", name].map((each) => ({ name: each, key: QUERIES_KEY }));
}

function postgresqlOf(
  { synchronous: { replicas, durability } }: ClusteredDatabase,
  plan: ServerPlan,
): NonNullable<IClusterSpec["postgresql"]> {
  return {
    // The operator creates pg_stat_statements in every database because its parameters are set, and
    // would otherwise drop it.
    parameters: { ...clusterParameters(plan), ssl_min_protocol_version: "TLSv1.3" },
    shared_preload_libraries: [...plan.preload],
    pg_hba: hostRules(plan.database),
    ...(replicas === 0
      ? {}
      : {
          synchronous: {
            method: "any",
            number: replicas,
            dataDurability: durability,
            // Without it a failover may promote a stand-by that lacks commits confirmed by others.
            failoverQuorum: durability === "required",
          },
        }),
  };
}

/**
 * pg_hba rules: clients with a password and TLS may connect to this database. The operator puts its own rules first,
 * for the socket inside the pod and for stand-bys, which use certificates. Its last rule admits anyone with a password
 * to any database, even without TLS; the third rule here prevents that. No superuser can log in over the network, even
 * with a password.
 */
function hostRules(database: DatabaseName): string[] {
  return [
    "host all postgres all reject",
    `hostssl ${database} all all scram-sha-256`,
    "host all all all reject",
  ];
}

/**
 * Volumes of a server. They can grow in place if their class allows it, but not shrink, and the WAL volume cannot be
 * removed.
 */
function storageOf(plan: ServerPlan): Pick<IClusterSpec, "storage" | "walStorage"> {
  const { size, class: storageClass } = plan.size.storage;
  const volume = (bytes: number) => ({
    size: memoryQuantity(bytes),
    ...(storageClass === undefined ? {} : { storageClass }),
  });
  return { storage: volume(size), walStorage: volume(walVolumeSize(plan)) };
}

/** Archives WAL to the bucket, under the cluster's own name. */
function archivingOf(
  bucket: Bucket,
  database: DatabaseName,
  cluster: string,
): Pick<IClusterSpec, "plugins" | "serviceAccountTemplate"> {
  const role = bucketRole(bucket, cluster);
  return {
    plugins: [{ ...archivePlugin(database, cluster), isWALArchiver: true }],
    ...(role === undefined
      ? {}
      : {
          serviceAccountTemplate: {
            metadata: { annotations: { "eks.amazonaws.com/role-arn": role } },
          },
        }),
  };
}
