import type { IPluginConfiguration } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/PluginConfiguration";
import { ScheduledBackup } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/ScheduledBackup";
import type * as pulumi from "@pulumi/pulumi";
import { cpuQuantity, memoryQuantity } from "../plan/quantity";
import { archiveName, clusterNames } from "../plan/cluster-names";
import type { DatabaseName } from "../../../roles/plan/role-plan";
import type { Backups, Bucket, KubernetesSettings, NamedCluster } from "../plan/cluster-stack";
import { metadata } from "../labels";
import { environmentVariables } from "../pod-volumes";
import { POD_ALLOWANCES } from "../platform/quota";
import type { CustomObject } from "../custom-resource";

/** The CloudNativePG plugin that archives WAL and takes base backups. */
const PLUGIN = "barman-cloud.cloudnative-pg.io";

/** Secret with the storage keys, used without a role. */
function archiveKeysName(database: DatabaseName): string {
  return `${archiveName(database)}-keys`;
}

/** Access keys of the servers for the storage, used without a role. */
export interface ArchiveKeys {
  readonly accessKeyId: pulumi.Output<string>;
  readonly secretAccessKey: pulumi.Output<string>;
}

/** Keys of {@link archiveKeysName}. */
const ARCHIVE_KEYS = { id: "access-key-id", secret: "secret-access-key" } as const;

/** Arguments of the Secret with the storage keys. */
export function keysSecret(database: DatabaseName, keys: ArchiveKeys, namespace: string) {
  return {
    metadata: metadata("database", namespace, archiveKeysName(database)),
    type: "Opaque",
    stringData: {
      [ARCHIVE_KEYS.id]: keys.accessKeyId,
      [ARCHIVE_KEYS.secret]: keys.secretAccessKey,
    },
  };
}

/** Plugin entry for one cluster's archive, to read it or, with `isWALArchiver`, to write it. */
export function archivePlugin(database: DatabaseName, cluster: string): IPluginConfiguration {
  return {
    name: PLUGIN,
    parameters: { barmanObjectName: archiveName(database), serverName: cluster },
  };
}

/**
 * ObjectStore of a database's backups, for the Barman Cloud plugin 0.14; no package has a model of it.
 *
 * It sets no encryption: Amazon encrypts every object with the bucket's own key, which a cipher here would replace by a
 * weaker one, and other storage may reject it. Backups past the retention are deleted while the cluster runs; those of
 * a deleted cluster, by the bucket's lifecycle rules.
 *
 * In a bucket that the stack manages, lifecycle rules delete all of them. The servers may not delete, and a denied
 * retention policy ends the plugin's maintenance before it reports how far back a restore can go.
 */
export function objectStore(
  database: DatabaseName,
  { retentionDays }: Pick<Backups, "retentionDays">,
  bucket: Bucket,
  namespace: string,
) {
  const name = archiveName(database);
  return {
    apiVersion: "barmancloud.cnpg.io/v1",
    kind: "ObjectStore",
    metadata: metadata("database", namespace, name),
    spec: {
      configuration: {
        destinationPath: bucket.path,
        ...(bucket.endpoint === undefined ? {} : { endpointURL: bucket.endpoint }),
        s3Credentials: credentials(database, bucket),
        // Fast compression, since half a CPU has to keep up with the server. WAL is written constantly and read rarely.
        data: { compression: "lz4", jobs: 2 },
        wal: { compression: "zstd", maxParallel: 4 },
      },
      ...(bucket.managed ? {} : { retentionPolicy: `${retentionDays}d` }),
      instanceSidecarConfiguration: { env: environment(bucket), resources: sidecarResources() },
    },
  } satisfies CustomObject;
}

function credentials(database: DatabaseName, { access }: Bucket) {
  if (access === "role") return { inheritFromIAMRole: true } as const;
  const name = archiveKeysName(database);
  return {
    accessKeyId: { name, key: ARCHIVE_KEYS.id },
    secretAccessKey: { name, key: ARCHIVE_KEYS.secret },
  };
}

function environment({ region, endpoint }: Bucket) {
  return environmentVariables({
    AWS_DEFAULT_REGION: region,
    // Storage other than Amazon's may not support these checksums (plugin-barman-cloud#393).
    ...(endpoint === undefined
      ? {}
      : {
          AWS_REQUEST_CHECKSUM_CALCULATION: "when_required",
          AWS_RESPONSE_CHECKSUM_VALIDATION: "when_required",
        }),
  });
}

/** Limits equal to requests, like the server's: the pod is `Guaranteed` only if all containers are. */
function sidecarResources() {
  const { cpu, memory } = POD_ALLOWANCES.sidecar;
  const share = {
    cpu: cpuQuantity(cpu),
    memory: memoryQuantity(memory),
    "ephemeral-storage": "1Gi",
  };
  return { requests: share, limits: share };
}

/**
 * Base backups of a cluster: one immediately, since archived WAL restores nothing without it, then by schedule. A
 * stand-by takes them if there is one. The Backup objects are deleted with the cluster; the backups stay.
 */
export function scheduledBackup(
  own: NamedCluster,
  { schedule }: Pick<Backups, "schedule">,
  namespace: string,
): ScheduledBackup {
  const { cluster } = clusterNames(own);
  return new ScheduledBackup({
    metadata: metadata("database", namespace, cluster),
    spec: {
      cluster: { name: cluster },
      schedule,
      immediate: true,
      method: "plugin",
      pluginConfiguration: { name: PLUGIN },
      target: "prefer-standby",
      backupOwnerReference: "cluster",
    },
  });
}

/**
 * Volume snapshots of a cluster, of data and WAL, while it is running. A stand-by is snapshot if there is one. Unlike
 * base backups, they outlive the cluster, and nothing deletes them: the operator knows no retention of snapshots.
 */
export function scheduledSnapshots(
  own: NamedCluster,
  { schedule }: NonNullable<KubernetesSettings["snapshots"]>,
  namespace: string,
): ScheduledBackup {
  const { cluster } = clusterNames(own);
  return new ScheduledBackup({
    metadata: metadata("database", namespace, `${cluster}-snapshots`, cluster),
    spec: {
      cluster: { name: cluster },
      schedule,
      method: "volumeSnapshot",
      target: "prefer-standby",
      backupOwnerReference: "cluster",
    },
  });
}
