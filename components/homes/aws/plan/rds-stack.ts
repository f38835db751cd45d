import { jobsOf } from "../../../maintenance/plan/maintenance-plan";
import { DATABASES, type DatabaseName } from "../../../roles/plan/role-plan";
import { databaseSettings } from "../../../settings/plan/database-settings";
import type { Settings } from "../../../settings/plan/settings-schema";
import { clusterName, clusterNames } from "../../kubernetes/plan/cluster-names";
import { bucketPath } from "../backups/plan/bucket-names";

/** What this home needs of a stack's settings, by topic. Beside the entries (`home-aws.ts`, `open-aws.ts`) no other file sees them all. */

export type { AwsSettings } from "./settings-aws";

/** What a stack asks of the database on RDS: its size, its replicas, and what RDS alone has. */
export type RdsSpec = Settings["sark"];

export type BackupSettings = Settings["backups"];

/** Backups that go to a bucket. */
export interface BucketBackups extends BackupSettings {
  readonly bucket: NonNullable<BackupSettings["bucket"]>;
}

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

/** The pods on Kubernetes that open the bucket. */
export interface BucketClients {
  readonly namespace: string;
  /** Whether clusters outlive the stack, and their roles with them. */
  readonly retain: boolean;
  readonly accounts: readonly ArchiveAccount[];
}

export type AwsStack = Readonly<ReturnType<typeof awsStack>>;

export function awsStack(settings: Settings) {
  const { aws, sark, application, backups, kubernetes, monitoring, protection } = settings;
  const { namespace, retain } = kubernetes;
  const clients: BucketClients = { namespace, retain, accounts: archiveAccounts(settings) };
  return {
    /** Unset where nothing is made on AWS. */
    aws,
    database: sark,
    /** Whether RDS runs the database. */
    onRds: sark.home === "aws",
    /** Load that the volume is made for. */
    tier: application.tier,
    backups,
    clients,
    /** Whether Kubernetes runs anything of the stack. */
    pods: servedDatabases(settings).length > 0,
    monitoring: monitoring.enabled,
    protection,
    rotation: settings.rotation,
  };
}

/**
 * The service accounts that open the bucket: those of the clusters, which the operator names as the cluster, and those
 * of the dumps, which run on Kubernetes wherever the server is. A recovered cluster also reads the archive of the one
 * that it comes from. The one before goes on writing to its own: it serves until PgBouncer follows to the new one, and
 * stays where `kubernetes.retain` is on.
 */
function archiveAccounts(settings: Settings): readonly ArchiveAccount[] {
  const { bucket } = settings.backups;
  if (!bucket) return [];
  const { folder } = bucketPath(bucket.path);
  const inside = (path: string) => (folder === "" ? path : `${folder}/${path}`);
  // Barman keeps a cluster's base backups and its log in one folder, named as the cluster.
  const ofCluster = (account: string, ...sources: readonly string[]): ArchiveAccount => ({
    account,
    writes: inside(account),
    reads: [account, ...sources].map(inside),
    ofCluster: true,
  });
  const served = servedDatabases(settings).map((database) => ({
    ...databaseSettings(settings, database),
    database,
  }));
  const clustered = served.filter(({ home }) => home === "kubernetes");
  const clusters = clustered.flatMap((database) => {
    const { recovery } = database;
    const named = (generation: number) => clusterName(database, generation);
    if (!recovery) return [ofCluster(named(1))];
    const { generation, from = generation - 1 } = recovery;
    return [ofCluster(named(generation - 1)), ofCluster(named(generation), named(from))];
  });
  const dumping = settings.maintenance.enabled ? served : [];
  const dumps = dumping.flatMap((database) => {
    const { cluster } = clusterNames(database);
    return jobsOf(database.database, true)
      .filter(({ work }) => work.kind === "dump")
      .map(({ name }) => ({
        account: `${cluster}-${name}`,
        writes: inside(`dumps/${cluster}`),
        reads: [],
        ofCluster: false,
      }));
  });
  return [...clusters, ...dumps];
}

/** The databases whose pool and jobs run on Kubernetes: nobody serves sark_audit on AWS, which has no TimescaleDB. */
function servedDatabases(settings: Settings): readonly DatabaseName[] {
  return DATABASES.filter((database) => {
    const { home } = databaseSettings(settings, database);
    return home === "kubernetes" || (home === "aws" && database === "sark");
  });
}
