import { bucketPath } from "../../../backups/plan/bucket-path";
import { maintenanceJobs } from "../../../maintenance/plan/maintenance-plan";
import type { DatabaseName } from "../../../roles/plan/role-plan";
import { databaseSettings } from "../../../settings/plan/database-settings";
import type { Settings } from "../../../settings/plan/settings-stack";
import type { ArchiveAccount, BucketClients } from "../../plan/home";
import { clusterName, clusterNames } from "./cluster-names";
import { type KubernetesStack, isClustered } from "./settings-kubernetes";

/** Lists the pods on Kubernetes that access the backup bucket. */
export function bucketClients(
  settings: KubernetesStack,
  served: readonly DatabaseName[],
): BucketClients {
  const { namespace, retain } = settings.kubernetes;
  const accounts = archiveAccounts(settings, served);
  return { namespace, retain, pods: served.length > 0, accounts };
}

/**
 * Service accounts that access the bucket: one per cluster (the operator names it like the cluster), and one per dump
 * job, which runs on Kubernetes wherever the server is, and one per restore drill, which only reads. A recovered cluster also reads the archive of its source. The
 * previous cluster keeps writing to its own archive: it serves until PgBouncer switches to the new one, and stays when
 * `kubernetes.retain` is on.
 */
function archiveAccounts(
  settings: Settings,
  databases: readonly DatabaseName[],
): readonly ArchiveAccount[] {
  const { bucket } = settings.backups;
  if (!bucket) return [];
  const { folder } = bucketPath(bucket.path);
  const inBucketFolder = (path: string) => (folder === "" ? path : `${folder}/${path}`);
  // Barman stores a cluster's base backups and WAL in one folder, named like the cluster.
  const ofCluster = (account: string, ...sources: readonly string[]): ArchiveAccount => ({
    account,
    writes: inBucketFolder(account),
    reads: [account, ...sources].map(inBucketFolder),
    ofCluster: true,
  });
  const served = databases.map((database) => ({
    ...databaseSettings(settings, database),
    database,
  }));
  const clustered = served.filter(isClustered);
  const clusters = clustered.flatMap((database) => {
    const { recovery } = database;
    const named = (generation: number) => clusterName(database, generation);
    if (!recovery) return [ofCluster(named(1))];
    const { generation, from = generation - 1 } = recovery;
    return [ofCluster(named(generation - 1)), ofCluster(named(generation), named(from))];
  });
  const working = settings.maintenance.enabled ? served : [];
  const jobs = working.flatMap((database) => {
    const { cluster } = clusterNames(database);
    const storage = { dumps: true, archive: isClustered(database) };
    return maintenanceJobs(database.database, storage).flatMap(({ name, work }) => {
      const job = { account: `${cluster}-${name}`, ofCluster: false };
      if (work.kind === "dump")
        return [{ ...job, writes: inBucketFolder(`dumps/${cluster}`), reads: [] }];
      return work.kind === "restore drill" ? [{ ...job, reads: [inBucketFolder(cluster)] }] : [];
    });
  });
  return [...clusters, ...jobs];
}
