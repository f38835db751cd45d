import {
  administrativeSettings,
  startupOptions,
} from "../../../connections/administrative-connection";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { helperImage, serverImage } from "../plan/images";
import { memoryQuantity } from "../plan/quantity";
import { AUTH_SCHEMA } from "../../../pool/plan/auth-query-plan";
import { clusterNames } from "../plan/cluster-names";
import {
  type MaintenanceJob,
  type SqlWork,
  dumpVolumeSize,
} from "../../../maintenance/plan/maintenance-plan";
import type { ServerPlan } from "../../plan/server-plan";
import type { DumpStore, ServedDatabase } from "../plan/cluster-stack";
import {
  type CaSource,
  GROUP_READ_MODE,
  caVolume,
  readOnlyMount,
  secretVolume,
  environmentVariables,
} from "../pod-volumes";
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from "../pod-security";

type PodSpec = types.input.core.v1.PodSpec;
type Container = types.input.core.v1.Container;
type Volume = types.input.core.v1.Volume;
type VolumeMount = types.input.core.v1.VolumeMount;

/** The primary that a job connects to. */
export interface JobServer {
  readonly host: pulumi.Input<string>;
  readonly port: pulumi.Input<string>;
  /** CA that verifies its certificate. */
  readonly authority: CaSource;
  /** Whether SCRAM channel binding is required, on top of certificate verification. */
  readonly channelBinding: "require" | "prefer";
  /** Whether password verifiers are stored in a table, which dumps must exclude. */
  readonly hasVerifierTable: boolean;
}

/** Inputs of a job's pod besides the job. */
export interface JobContext {
  readonly database: ServedDatabase;
  /** Storage of its server. */
  readonly storage: ServerPlan["size"]["storage"];
  /** Unset without dumps. */
  readonly store: DumpStore | undefined;
  readonly server: JobServer;
  readonly user: string;
  /** Secret with the key `pgpass`. */
  readonly loginSecret: string;
  /** ConfigMap with the scripts and the SQL. */
  readonly files: string;
  /** Secret with the key `credentials`, for the object store. Unset if a role grants access. */
  readonly keysSecret: string | undefined;
}

const PATHS = {
  files: "/etc/maintenance/files",
  login: "/etc/maintenance/login",
  authority: "/etc/maintenance/authority",
  keys: "/etc/maintenance/keys",
  /** In memory. */
  private: "/run/maintenance",
  dump: "/var/lib/maintenance",
} as const;

/** A volume in memory. */
const MEMORY = { emptyDir: { medium: "Memory", sizeLimit: "16Mi" } };

/** Resources of a client that only waits for the server. */
const CLIENT = resources("50m", "64Mi");
/** Resources of a dump: one compression stream, and a few parts of 8 MiB in upload. */
const DUMPER = resources("1", "512Mi");

/** The pod of one run; its service account and labels come from the CronJob. */
export function jobPod(job: MaintenanceJob, context: JobContext): PodSpec {
  return {
    ...RESTRICTED_POD,
    // A failed run keeps its pod for its log; the retry is another pod.
    restartPolicy: "Never",
    terminationGracePeriodSeconds: 30,
    ...(job.work.kind === "dump" ? dumpPod(job, context) : sqlPod(job, job.work, context)),
  };
}

function sqlPod(job: MaintenanceJob, work: SqlWork, context: JobContext) {
  const file = `${PATHS.files}/${work.file}`;
  const given = Object.entries(work.variables).map(([name, value]) => `--set=${name}=${value}`);
  const psql = ["psql", "--no-psqlrc", "--no-password", "--quiet", "--set=ON_ERROR_STOP=1"];
  const program =
    work.kind === "file"
      ? [...psql, ...given, `--file=${file}`]
      : ["/bin/sh", script("statements"), file, ...given];
  return {
    containers: [client(job, context, { args: program, resources: CLIENT })],
    volumes: clientVolumes(context),
  };
}

/** Dumps with the server's own image, since pg_dump cannot read a newer server, then uploads the file. */
function dumpPod(job: MaintenanceJob, context: JobContext) {
  const { database, storage, store, server, keysSecret } = context;
  const { cluster } = clusterNames(database);
  if (!store) throw new Error(`${job.name}: no bucket is configured for dumps`);
  const { bucket } = store;
  const dump: VolumeMount = { name: "dump", mountPath: PATHS.dump };
  const folder = { DUMP_FOLDER: PATHS.dump };
  const upload: Container = {
    ...RESTRICTED_CONTAINER,
    name: "upload",
    image: helperImage("dump", store.image),
    command: ["/bin/sh", script("upload")],
    args: [
      `--region=${bucket.region}`,
      ...(bucket.endpoint === undefined ? [] : [`--endpoint-url=${bucket.endpoint}`]),
    ],
    env: environmentVariables({
      ...folder,
      DUMP_TARGET: `${bucket.path.replace(/\/$/, "")}/dumps/${cluster}`,
      HOME: PATHS.private,
      ...(keysSecret && { AWS_SHARED_CREDENTIALS_FILE: `${PATHS.keys}/credentials` }),
      // Since 2025 Amazon's client adds checksums that not every store accepts.
      ...(bucket.endpoint && { AWS_REQUEST_CHECKSUM_CALCULATION: "when_required" }),
    }),
    resources: DUMPER,
    volumeMounts: [
      readOnlyMount("files", PATHS.files),
      { ...dump, readOnly: true },
      // Not the `private` volume: this container must not see the database password.
      { name: "home", mountPath: PATHS.private },
      ...(keysSecret === undefined ? [] : [readOnlyMount("keys", PATHS.keys)]),
    ],
  };
  return {
    initContainers: [
      client(job, context, {
        // pg_dump resets the session's lock_timeout.
        args: [
          ...["/bin/sh", script("dump"), `--lock-wait-timeout=${job.lockWait}s`],
          ...(server.hasVerifierTable ? [`--exclude-schema=${AUTH_SCHEMA}`] : []),
        ],
        env: { ...folder, DUMP_NAME: cluster },
        resources: DUMPER,
        volumeMounts: [dump],
      }),
    ],
    containers: [upload],
    volumes: [
      ...clientVolumes(context),
      { name: "home", ...MEMORY },
      dumpVolume(storage),
      ...(keysSecret === undefined ? [] : [secretVolume("keys", keysSecret, "credentials")]),
    ],
  };
}

/** A container that connects to the primary with a verified certificate and a password file. */
function client(
  job: MaintenanceJob,
  { database, server, user }: JobContext,
  own: {
    readonly args: string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly resources: types.input.core.v1.ResourceRequirements;
    readonly volumeMounts?: VolumeMount[];
  },
): Container {
  const { majorVersion } = database;
  const session = {
    ...administrativeSettings(majorVersion),
    statement_timeout: `${job.deadline}s`,
    lock_timeout: `${job.lockWait}s`,
    // Otherwise the server does not notice a lost client, and a statement would run on for hours.
    client_connection_check_interval: "10s",
  };
  return {
    ...RESTRICTED_CONTAINER,
    name: job.name,
    image: serverImage(database),
    command: ["/bin/sh", script("login")],
    args: own.args,
    env: environmentVariables({
      PGHOST: server.host,
      PGPORT: server.port,
      PGDATABASE: job.database,
      PGUSER: user,
      PGAPPNAME: `maintenance ${job.name}`,
      PGSSLMODE: "verify-full",
      PGSSLROOTCERT: `${PATHS.authority}/ca.crt`,
      PGCHANNELBINDING: server.channelBinding,
      // Supported from libpq 16 on; older versions ignore it.
      PGREQUIREAUTH: "scram-sha-256",
      PGTARGETSESSIONATTRS: "read-write",
      PGCONNECT_TIMEOUT: "10",
      PGOPTIONS: startupOptions(session),
      PGPASSFILE: `${PATHS.private}/pgpass`,
      MAINTENANCE_LOGIN: `${PATHS.login}/pgpass`,
      MAINTENANCE_FOLDER: PATHS.private,
      HOME: PATHS.private,
      // Precedes Debian's psql wrapper, which reads user settings and looks for local clusters.
      PATH: `/usr/lib/postgresql/${majorVersion}/bin:/usr/local/bin:/usr/bin:/bin`,
      ...own.env,
    }),
    resources: own.resources,
    volumeMounts: [
      readOnlyMount("files", PATHS.files),
      readOnlyMount("login", PATHS.login),
      readOnlyMount("authority", PATHS.authority),
      { name: "private", mountPath: PATHS.private },
      ...(own.volumeMounts ?? []),
    ],
  };
}

function clientVolumes(context: JobContext): Volume[] {
  return [
    { name: "files", configMap: { name: context.files, defaultMode: GROUP_READ_MODE } },
    secretVolume("login", context.loginSecret, "pgpass"),
    caVolume("authority", context.server.authority, "ca.crt"),
    { name: "private", ...MEMORY },
  ];
}

/** A volume created and deleted with the run's pod, since the node's disk may be too small. */
function dumpVolume(storage: JobContext["storage"]): Volume {
  return {
    name: "dump",
    ephemeral: {
      volumeClaimTemplate: {
        spec: {
          accessModes: ["ReadWriteOnce"],
          ...(storage.class === undefined ? {} : { storageClassName: storage.class }),
          resources: { requests: { storage: memoryQuantity(dumpVolumeSize(storage.size)) } },
        },
      },
    },
  };
}

function script(name: string): string {
  return `${PATHS.files}/maintenance-${name}.sh`;
}

/** Requests equal limits, so that jobs never take resources from the servers. */
function resources(cpu: string, memory: string): types.input.core.v1.ResourceRequirements {
  const all = { cpu, memory, "ephemeral-storage": "64Mi" };
  return { requests: all, limits: all };
}
