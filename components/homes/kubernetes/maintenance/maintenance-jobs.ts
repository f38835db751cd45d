import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseLayer } from "../../../database-layer/database-layer";
import { clusterNames } from "../plan/cluster-names";
import type { MaintenanceJob } from "../../../maintenance/plan/maintenance-plan";
import { bucketRole } from "../../../settings/plan/settings-bucket";
import { OBJECT_STORE_CLIENT, metadata as metadataOf } from "../labels";
import { loginSecretName } from "../login-secrets";
import type { ArchiveKeys } from "../database/cluster-backups";
import type { JobStore, ServedDatabase } from "../plan/cluster-stack";
import type { KubernetesPlatform } from "../platform/kubernetes-platform";
import { immutableConfigMap, readProjectFile, readScript } from "../immutable-config-map";
import type { JobContext, JobServer } from "./job-containers";
import { jobPod } from "./job-pods";

export interface MaintenanceJobsArgs {
  readonly platform: KubernetesPlatform;
  readonly databases: readonly DatabaseLayer[];
  /** Databases that have jobs. */
  readonly served: readonly ServedDatabase[];
  /** @default - no dumps and drills */
  readonly store?: JobStore | undefined;
  /** Keys of the store. @default - a role grants access */
  readonly keys?: ArchiveKeys | undefined;
}

/** Scripts of the job containers, in `components/homes/kubernetes/scripts`. */
const SCRIPTS = [
  "maintenance-login.sh",
  "maintenance-statements.sh",
  "maintenance-dump.sh",
  "maintenance-stream.sh",
  "maintenance-upload.py",
  "restore-record.sh",
  "restore-fetch.py",
  "restore-drill.sh",
];

/** SQL of the jobs that make and prove backups, below `sql`. */
const BACKUP_SQL = [
  ["backups", "record-statement.sql"],
  ["backups", "writers.sql"],
  ["backups", "record.sql"],
  ["backups", "dump.sql"],
  ["backups", "restored.sql"],
  ["backups", "backup-run.sql"],
  ["queries", "audit", "verify-audit-digests.sql"],
] as const;

/**
 * Seconds to keep a finished run, whatever the history limits. A drill's pod holds a volume, so it is kept for an hour
 * only.
 */
const TTL_SECONDS = {
  file: 24 * 3600,
  statements: 24 * 3600,
  dump: 24 * 3600,
  "restore drill": 3600,
} as const;

/** Maximum start delay in seconds; a later run is skipped. */
const MAX_START_DELAY = 3600;

/**
 * Maintenance jobs of `components/maintenance/plan/maintenance-plan.ts`, a CronJob each, for databases on Kubernetes or
 * AWS. Each has its own service account, and connects to the primary with the database's maintenance login.
 */
export class MaintenanceJobs extends pulumi.ComponentResource {
  readonly #args: MaintenanceJobsArgs;

  constructor(name: string, args: MaintenanceJobsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:kubernetes:MaintenanceJobs", name, {}, opts);
    const { platform } = args;
    this.#args = args;

    const served = args.databases.flatMap((layer) =>
      args.served
        .filter(({ database, jobs }) => database === layer.server.database && jobs.length > 0)
        .map((database) => ({ layer, database })),
    );
    if (served.length > 0) {
      const files = immutableConfigMap(
        "maintenance-files",
        metadataOf("maintenance", platform.namespace, "maintenance"),
        jobFiles(served.flatMap(({ database }) => database.jobs)),
        platform.resourceOptions(this),
      );
      for (const { layer, database } of served) {
        const context = this.#context(layer, files, database);
        for (const job of database.jobs) this.#cronJob(job, context, layer);
      }
    }
    this.registerOutputs({});
  }

  #context(layer: DatabaseLayer, files: string, database: ServedDatabase): JobContext {
    const { store, keys } = this.#args;
    const { cluster, primary } = clusterNames(database);
    const opened = database.jobs.some(usesStore) && store?.bucket.access === "keys";
    const server = this.#serverOf(layer, primary);
    return {
      database,
      plan: layer.server.plan,
      store,
      files,
      server,
      user: layer.logins.maintain.user,
      loginSecret: this.#loginSecret(layer, cluster, server),
      keysSecret: opened && keys ? this.#keysSecret(cluster, keys) : undefined,
    };
  }

  /** Connection data of a primary. A Kubernetes Service name is known in advance; an RDS address is not. */
  #serverOf({ server }: DatabaseLayer, host: string): JobServer {
    const authority = this.#args.platform.caOf(server);
    if (server.home === "kubernetes") {
      return { host, port: "5432", authority, channelBinding: "require", hasVerifierTable: false };
    }
    return {
      host: server.host,
      port: server.port.apply(String),
      authority,
      // The certificate already names this one server; RDS does not document channel binding.
      channelBinding: "prefer",
      hasVerifierTable: server.hidesVerifiers === true,
    };
  }

  /** The login, also as a line of libpq's password file, valid for this server and database only. */
  #loginSecret({ server, logins }: DatabaseLayer, cluster: string, at: JobServer): string {
    const { user, password } = logins.maintain;
    return this.#secret(loginSecretName(cluster, "maintain"), cluster, "kubernetes.io/basic-auth", {
      username: user,
      password,
      // The password has letters and digits only, so it needs no escaping.
      pgpass: pulumi.interpolate`${at.host}:${at.port}:${server.database}:${user}:${password}\n`,
    });
  }

  /** Storage keys, as a credentials file of the AWS CLI. */
  #keysSecret(cluster: string, { accessKeyId, secretAccessKey }: ArchiveKeys): string {
    return this.#secret(`${cluster}-dump-keys`, cluster, "Opaque", {
      credentials: pulumi.interpolate`[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
    });
  }

  #secret(
    name: string,
    cluster: string,
    type: string,
    stringData: Record<string, pulumi.Input<string>>,
  ): string {
    const { namespace } = this.#args.platform;
    new kubernetes.core.v1.Secret(
      `maintenance-${name}`,
      { metadata: metadataOf("maintenance", namespace, name, cluster), type, stringData },
      this.#args.platform.resourceOptions(this),
    );
    return name;
  }

  #cronJob(job: MaintenanceJob, context: JobContext, layer: DatabaseLayer): void {
    const { namespace } = this.#args.platform;
    const { cluster } = clusterNames(context.database);
    const name = `${cluster}-${job.name}`;
    const stored = usesStore(job);
    const metadata = metadataOf("maintenance", namespace, name);
    const podLabels = { ...metadata.labels, ...(stored ? OBJECT_STORE_CLIENT : {}) };
    const account = this.#serviceAccount(metadata, stored);
    new kubernetes.batch.v1.CronJob(
      `maintenance-${name}`,
      {
        metadata: { ...metadata, annotations: { "kubernetes.io/description": job.why } },
        spec: {
          schedule: job.schedule,
          timeZone: "Etc/UTC",
          concurrencyPolicy: "Forbid",
          startingDeadlineSeconds: Math.min(MAX_START_DELAY, job.deadline),
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 3,
          jobTemplate: {
            metadata: { labels: metadata.labels },
            spec: {
              ...limitsOf(job),
              template: {
                metadata: { labels: podLabels },
                spec: { ...jobPod(job, context), serviceAccountName: account },
              },
            },
          },
        },
      },
      pulumi.mergeOptions(this.#args.platform.resourceOptions(this), { dependsOn: [layer] }),
    );
  }

  /** A service account without permissions in the cluster; of a job that uses the bucket, it assumes the role for it. */
  #serviceAccount(metadata: types.input.meta.v1.ObjectMeta & { name: string }, stored: boolean) {
    const { store } = this.#args;
    const role = stored && store ? bucketRole(store.bucket, metadata.name) : undefined;
    const annotations = role === undefined ? {} : { "eks.amazonaws.com/role-arn": role };
    new kubernetes.core.v1.ServiceAccount(
      `maintenance-${metadata.name}-account`,
      { metadata: { ...metadata, annotations }, automountServiceAccountToken: false },
      this.#args.platform.resourceOptions(this),
    );
    return metadata.name;
  }
}

function usesStore({ work }: MaintenanceJob): boolean {
  return work.kind === "dump" || work.kind === "restore drill";
}

/** Deadline and retries of a run. An interruption by a node drain does not count as an attempt. */
function limitsOf(job: MaintenanceJob): Omit<types.input.batch.v1.JobSpec, "template"> {
  return {
    activeDeadlineSeconds: job.deadline,
    backoffLimit: job.retries,
    ttlSecondsAfterFinished: TTL_SECONDS[job.work.kind],
    podFailurePolicy: {
      rules: [
        { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      ],
    },
  };
}

/** All scripts, and the SQL of these jobs, by file name. */
function jobFiles(jobs: readonly MaintenanceJob[]): Record<string, string> {
  const sql = jobs.flatMap(({ work }) =>
    "file" in work ? [["maintenance", work.file] as const] : [],
  );
  const files = [...sql, ...(jobs.some(usesStore) ? BACKUP_SQL : [])];
  return Object.fromEntries<string>([
    ...SCRIPTS.map((name) => [name, readScript(name)] as const),
    ...files.map((file) => [file.at(-1) ?? "", readProjectFile("sql", ...file)] as const),
  ]);
}
