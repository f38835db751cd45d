import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseLayer } from "../../../database-layer/database-layer";
import { clusterNames } from "../plan/cluster-names";
import { type MaintenanceJob, maintenanceJobs } from "../../../maintenance/plan/maintenance-plan";
import type { DatabaseName } from "../../../roles/plan/role-plan";
import { bucketRole } from "../plan/settings-bucket";
import { OBJECT_STORE_CLIENT, metadata as metadataOf } from "../labels";
import { loginSecretName } from "../login-secrets";
import type { BackupKeys } from "../../../settings/settings";
import type { KubernetesPlatform } from "../platform/kubernetes-platform";
import { fixedFiles } from "../fixed-files";
import { jobFiles } from "./job-files";
import { type JobContext, type JobServer, jobPod } from "./job-pods";

export interface MaintenanceJobsArgs {
  readonly platform: KubernetesPlatform;
  readonly databases: readonly DatabaseLayer[];
}

/** The most that Kubernetes takes: it adds eleven characters to the name of each run. */
const LONGEST_NAME = 52;

/**
 * Seconds for which a run that has ended can be looked at, whatever the history keeps. With the pod of a dump goes its
 * volume, so it is kept for an hour.
 */
const KEPT = { file: 24 * 3600, statements: 24 * 3600, dump: 3600 } as const;

/** Seconds after its time within which a run may still begin; a run that is later than that is left out. */
const LATEST = 3600;

/**
 * The jobs of `components/maintenance/plan/maintenance-plan.ts`, a CronJob each, for the databases that live on Kubernetes or on AWS.
 * Each has a service account of its own, and connects to the primary as the database's maintenance login.
 */
export class MaintenanceJobs extends pulumi.ComponentResource {
  readonly #platform: KubernetesPlatform;

  constructor(name: string, args: MaintenanceJobsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:kubernetes:MaintenanceJobs", name, {}, opts);
    const { platform } = args;
    const { settings, namespace } = platform;
    this.#platform = platform;

    const jobsOf = (database: DatabaseName) => maintenanceJobs(settings, database);
    const layers = args.databases.filter(({ server }) => jobsOf(server.database).length > 0);
    const all = layers.flatMap(({ server }) => jobsOf(server.database));
    if (all.length > 0) {
      const files = fixedFiles(
        "maintenance-files",
        { part: "maintenance", name: "maintenance", namespace },
        jobFiles(all),
        platform.inside(this),
      );
      for (const layer of layers) {
        const jobs = jobsOf(layer.server.database);
        const context = this.#context(layer, files, jobs);
        for (const job of jobs) this.#cronJob(job, context, layer);
      }
    }
    this.registerOutputs({});
  }

  #context(layer: DatabaseLayer, files: string, jobs: readonly MaintenanceJob[]): JobContext {
    const { settings } = this.#platform;
    const opened = jobs.some(isDump) && settings.backups.bucket?.access === "keys";
    const keys = opened ? settings.backupKeys : undefined;
    return {
      settings,
      files,
      server: this.#serverOf(layer),
      user: layer.logins.maintain.user,
      loginSecret: this.#loginSecret(layer),
      keysSecret: keys && this.#keysSecret(layer.server.database, keys),
    };
  }

  /** A name is known before there is an address behind it; the address of a server on RDS is not. */
  #serverOf({ server }: DatabaseLayer): JobServer {
    const authority = this.#platform.authorityOf(server);
    if (server.home === "kubernetes") {
      const { primary: host } = clusterNames(this.#platform.settings, server.database);
      return { host, port: "5432", authority, channelBinding: "require", hidesVerifiers: false };
    }
    return {
      host: server.host,
      port: server.port.apply(String),
      authority,
      // The certificate names the one server that is meant; that RDS offers the binding is written nowhere.
      channelBinding: "prefer",
      hidesVerifiers: server.hidesVerifiers === true,
    };
  }

  /** The login, and as a line of libpq's password file, good for this server and database only. */
  #loginSecret(layer: DatabaseLayer): string {
    const { database } = layer.server;
    const { cluster } = clusterNames(this.#platform.settings, database);
    const { user, password } = layer.logins.maintain;
    const { host, port } = this.#serverOf(layer);
    return this.#secret(loginSecretName(cluster, "maintain"), cluster, "kubernetes.io/basic-auth", {
      username: user,
      password,
      // The password is letters and digits; anything else would have to be escaped here.
      pgpass: pulumi.interpolate`${host}:${port}:${database}:${user}:${password}\n`,
    });
  }

  /** The keys of the object store, as a credentials file of the AWS CLI. */
  #keysSecret(database: DatabaseName, { accessKeyId, secretAccessKey }: BackupKeys): string {
    const { cluster } = clusterNames(this.#platform.settings, database);
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
    const { namespace } = this.#platform;
    new kubernetes.core.v1.Secret(
      `maintenance-${name}`,
      { metadata: metadataOf("maintenance", namespace, name, cluster), type, stringData },
      this.#platform.inside(this),
    );
    return name;
  }

  #cronJob(job: MaintenanceJob, context: JobContext, layer: DatabaseLayer): void {
    const { settings, namespace } = this.#platform;
    const { cluster } = clusterNames(settings, job.database);
    const name = `${cluster}-${job.name}`;
    if (name.length > LONGEST_NAME) {
      throw new Error(`CronJob ${name}: its name is longer than ${LONGEST_NAME} characters`);
    }
    const dumps = isDump(job);
    const metadata = metadataOf("maintenance", namespace, name);
    const podLabels = { ...metadata.labels, ...(dumps ? OBJECT_STORE_CLIENT : {}) };
    const account = this.#serviceAccount(metadata, dumps);
    new kubernetes.batch.v1.CronJob(
      `maintenance-${name}`,
      {
        metadata: { ...metadata, annotations: { "kubernetes.io/description": job.why } },
        spec: {
          schedule: job.schedule,
          timeZone: "Etc/UTC",
          concurrencyPolicy: "Forbid",
          startingDeadlineSeconds: Math.min(LATEST, job.deadline),
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
      pulumi.mergeOptions(this.#platform.inside(this), { dependsOn: [layer] }),
    );
  }

  /** A service account that may do nothing in the cluster; that of a dump takes on the role that opens the bucket. */
  #serviceAccount(metadata: types.input.meta.v1.ObjectMeta & { name: string }, dumps: boolean) {
    const { bucket } = this.#platform.settings.backups;
    const role = dumps && bucket ? bucketRole(bucket, metadata.name) : undefined;
    const annotations = role === undefined ? {} : { "eks.amazonaws.com/role-arn": role };
    new kubernetes.core.v1.ServiceAccount(
      `maintenance-${metadata.name}-account`,
      { metadata: { ...metadata, annotations }, automountServiceAccountToken: false },
      this.#platform.inside(this),
    );
    return metadata.name;
  }
}

function isDump({ work }: MaintenanceJob): boolean {
  return work.kind === "dump";
}

/** How long and how often a run is tried. A node that is drained in the middle of a run does not count as a try. */
function limitsOf(job: MaintenanceJob): Omit<types.input.batch.v1.JobSpec, "template"> {
  return {
    activeDeadlineSeconds: job.deadline,
    backoffLimit: job.retries,
    ttlSecondsAfterFinished: KEPT[job.work.kind],
    podFailurePolicy: {
      rules: [
        { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      ],
    },
  };
}
