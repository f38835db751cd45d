import { clusteredDatabases, databaseSettings } from "../../../../settings/plan/database-settings";
import { clusterName, clusterNames } from "../../../kubernetes/plan/cluster-names";
import { maintenanceJobs } from "../../../../maintenance/plan/maintenance-plan";
import { DATABASES, type DatabaseName } from "../../../../roles/plan/role-plan";
import type { Settings } from "../../../../settings/plan/settings-schema";
import { bucketPath } from "./bucket-names";
import { type AwsNames, type AwsSettings, arn, awsNames } from "../../plan/aws-names";

/** A service account on Kubernetes that opens the bucket, and how far. Folders are whole paths in the bucket. */
export interface ArchiveAccount {
  readonly account: string;
  /** Folder that it writes to. */
  readonly writes: string;
  /** Folders that it lists and reads; a dump is only written. */
  readonly reads: readonly string[];
  /** Whether it is a cluster's: with `kubernetes.retain` those outlive the stack, and no dump does. */
  readonly ofCluster: boolean;
}

/**
 * The service accounts that open the bucket: those of the clusters, which the operator names as the cluster, and those
 * of the dumps, which run on Kubernetes wherever the server is. A recovered cluster also reads the archive of the one
 * that it comes from. The one before goes on writing to its own: it serves until PgBouncer follows to the new one, and
 * stays where `kubernetes.retain` is on.
 */
export function archiveAccounts(settings: Settings): readonly ArchiveAccount[] {
  const { bucket } = settings.backups;
  if (!bucket) return [];
  const { folder } = bucketPath(bucket.path);
  const inside = (path: string) => (folder === "" ? path : `${folder}/${path}`);
  return [
    ...clusteredDatabases(settings).flatMap((each) => clusterAccounts(settings, each, inside)),
    ...DATABASES.flatMap((each) => dumpAccounts(settings, each, inside)),
  ];
}

/** Barman keeps a cluster's base backups and its log in one folder, named as the cluster. */
function clusterAccounts(
  settings: Settings,
  database: DatabaseName,
  inside: (path: string) => string,
): readonly ArchiveAccount[] {
  const { recovery } = databaseSettings(settings, database);
  const own = (cluster: string): ArchiveAccount => ({
    account: cluster,
    writes: inside(cluster),
    reads: [inside(cluster)],
    ofCluster: true,
  });
  const { cluster } = clusterNames(settings, database);
  if (!recovery) return [own(cluster)];
  const { generation, from = generation - 1 } = recovery;
  const source = inside(clusterName(settings, database, from));
  return [
    own(clusterName(settings, database, generation - 1)),
    { ...own(cluster), reads: [inside(cluster), source] },
  ];
}

function dumpAccounts(
  settings: Settings,
  database: DatabaseName,
  inside: (path: string) => string,
): readonly ArchiveAccount[] {
  const { cluster } = clusterNames(settings, database);
  return maintenanceJobs(settings, database)
    .filter(({ work }) => work.kind === "dump")
    .map(({ name }) => ({
      account: `${cluster}-${name}`,
      writes: inside(`dumps/${cluster}`),
      reads: [],
      ofCluster: false,
    }));
}

/** Name of the role that a service account takes on. */
export function archiveRole({ base }: AwsNames, account: string): string {
  return `${base}-archive-${account}`;
}

/** Whoever may take on one of these roles can open the bucket: a pattern of all their ARNs, of any generation. */
export function archiveRoles(names: AwsNames): string {
  return arn(names, "iam", `role/${archiveRole(names, "*")}`);
}

/** Whether the stack makes the bucket itself. */
export function managesBucket(settings: Settings): boolean {
  return settings.aws !== undefined && settings.backups.bucket?.managed === true;
}

/**
 * Settings that name the roles of a managed bucket, where a service account says itself which it takes on. With EKS Pod
 * Identity the cluster knows, and the account says nothing.
 * @param stack its name
 */
export function withManagedBucket<T extends Settings>(settings: T, stack: string): T {
  const { aws, backups } = settings;
  if (!aws || !backups.bucket || !managesBucket(settings) || !saysItself(aws)) return settings;
  const names = awsNames(aws, stack);
  const roles = Object.fromEntries(
    archiveAccounts(settings).map(({ account }): [string, string] => [
      account,
      arn(names, "iam", `role/${archiveRole(names, account)}`),
    ]),
  );
  return { ...settings, backups: { ...backups, bucket: { ...backups.bucket, roles } } };
}

function saysItself({ cluster }: AwsSettings): boolean {
  return cluster?.identity === "irsa";
}
