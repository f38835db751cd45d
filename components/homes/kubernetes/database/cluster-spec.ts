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
import { archivePlugin } from "./cluster-backups";
import { bootstrapOf } from "./bootstrap";
import { placementOf, shareOf } from "./placement";

/**
 * Seconds that a server has to stop. A smart shutdown waits for clients to leave, which PgBouncer's never do, and takes
 * no new ones meanwhile: only long enough for a statement to end. Then everybody is cut off, and what is left of the
 * log is archived: less than the quarter of an hour after which EKS gives up draining a node.
 *
 * A primary that hands over, or is alive and has failed, has less, since nobody can write meanwhile. Less than that would
 * lose commits that a slow stand-by has not received; what is not archived by then is archived when the server is back.
 * https://github.com/cloudnative-pg/cloudnative-pg/blob/v1.30.0/docs/src/instance_manager.md#shutdown-control
 */
const SHUTDOWN = { smartShutdownTimeout: 10, stopDelay: 600, switchoverDelay: 300 } as const;

/** Annotation of a cluster's pods: which description of the cluster the operator has taken up. */
const DESCRIPTION = "sark-databases/description";

/**
 * A database's servers, as CloudNativePG is to run them.
 *
 * `restart` updates the primary where it is, after the stand-bys; `switchover` would be shorter by the start of a
 * server, but the operator then refuses to change the image and the parameters at once, and here one follows from the
 * other. The primary stays the same server, with its cache.
 *
 * What it leaves out is the operator's default on purpose: its own authority and certificates (they name every service
 * of the cluster), and what decides on a failover. That has no delay. A crash needs no probe to be seen; a readiness
 * probe of less than 30 s would take a busy primary for a dead one. A primary that is alone with itself stops after 30 s,
 * before a lost node is given up after 40 s. Nor do tolerations hold a failover up: it does not wait for the old pod.
 * https://github.com/cloudnative-pg/cloudnative-pg/blob/v1.30.0/docs/src/failover.md#detection-of-node-level-failures
 */
export function clusterOf(
  database: ClusteredDatabase,
  plan: ServerPlan,
  bucket: Bucket | undefined,
  namespace: string,
): Cluster {
  const { cluster } = clusterNames(database);
  const { availability, instances } = database;
  const own = labels("database", cluster);
  const spec: IClusterSpec = {
    instances,
    imageName: serverImage(database),
    // A restart must not need the registry.
    imagePullPolicy: "IfNotPresent",
    ...bootstrapOf(database),
    postgresql: postgresqlOf(database, plan),
    enableSuperuserAccess: false,
    ...storageOf(plan),
    ...shareOf(plan),
    ...placementOf(cluster, instances, availability === "multi-zone"),
    seccompProfile: { type: "RuntimeDefault" },
    primaryUpdateStrategy: "unsupervised",
    primaryUpdateMethod: "restart",
    ...SHUTDOWN,
    replicationSlots: { highAvailability: { enabled: true } },
    ...(bucket ? archivingOf(bucket, plan.database, cluster) : {}),
    monitoring: { tls: { enabled: true } },
    logLevel: "info",
  };
  return new Cluster({
    metadata: {
      name: cluster,
      namespace,
      labels: own,
      // ClusterHealth waits, and says what for.
      annotations: { "pulumi.com/skipAwait": "true" },
    },
    spec: {
      ...spec,
      inheritedMetadata: {
        // Not all of them: name, component and manager are the operator's to say of what it makes.
        labels: { "app.kubernetes.io/part-of": own["app.kubernetes.io/part-of"] ?? "" },
        // The operator hands it on to the pods when it has read this description, and says so nowhere else.
        annotations: { [DESCRIPTION]: contentHash(spec) },
      },
    },
  });
}

function postgresqlOf(
  { synchronous: { replicas, durability } }: ClusteredDatabase,
  plan: ServerPlan,
): NonNullable<IClusterSpec["postgresql"]> {
  return {
    // The operator makes pg_stat_statements in every database because parameters of it are set, and would drop it.
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
            // Without it a failover may choose a stand-by that lacks what others confirmed.
            failoverQuorum: durability === "required",
          },
        }),
  };
}

/**
 * Who may connect over the network: anybody with a password and TLS, to this database. The operator puts its own rules
 * first, for the socket inside the pod and for stand-bys, who show a certificate; and last one that lets anybody with a
 * password into any database, without TLS if they like, which the third of these keeps from being reached. No superuser
 * logs in from elsewhere, even if one were given a password.
 */
function hostRules(database: DatabaseName): string[] {
  return [
    "host all postgres all reject",
    `hostssl ${database} all all scram-sha-256`,
    "host all all all reject",
  ];
}

/** Volumes can grow in place where their class allows it; none can shrink, and that of the log cannot be taken away. */
function storageOf(plan: ServerPlan): Pick<IClusterSpec, "storage" | "walStorage"> {
  const { size, class: storageClass } = plan.size.storage;
  const volume = (bytes: number) => ({
    size: memoryQuantity(bytes),
    ...(storageClass === undefined ? {} : { storageClass }),
  });
  return { storage: volume(size), walStorage: volume(walVolumeSize(plan)) };
}

/** The write-ahead log goes to the bucket, under the cluster's own name. */
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
