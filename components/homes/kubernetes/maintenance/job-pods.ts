import { administrativeSettings, startupOptions } from "../../../connections/administrative";
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
  type Authority,
  GROUP_READS,
  authorityVolume,
  readOnly,
  secretVolume,
  variables,
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
  /** What its certificate is verified by. */
  readonly authority: Authority;
  /** Whether a log-in has to be bound to the TLS session, besides the certificate being verified. */
  readonly channelBinding: "require" | "prefer";
  /** Whether its verifiers lie in a table, which is nothing for a dump. */
  readonly hidesVerifiers: boolean;
}

/** What a job's pod is made from besides the job. */
export interface JobContext {
  readonly database: ServedDatabase;
  /** The volume of its server. */
  readonly storage: ServerPlan["size"]["storage"];
  /** Unset without dumps. */
  readonly store: DumpStore | undefined;
  readonly server: JobServer;
  readonly user: string;
  /** Secret with the key `pgpass`. */
  readonly loginSecret: string;
  /** ConfigMap with the scripts and the SQL. */
  readonly files: string;
  /** Secret with the key `credentials`, of the object store. Unset where a role opens it. */
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

/** A client that only waits for the server. */
const CLIENT = resources("50m", "64Mi");
/** One stream of compression; and some parts of 8 MiB at a time on their way to the bucket. */
const DUMPER = resources("1", "512Mi");

/** The pod of one run; its service account and labels come from the CronJob. */
export function jobPod(job: MaintenanceJob, context: JobContext): PodSpec {
  return {
    ...RESTRICTED_POD,
    // A run that fails leaves its pod, whose log says why; the next try is another pod.
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

/** First the dump, by the server's own image: pg_dump reads no server newer than itself. Then the copy. */
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
    env: variables({
      ...folder,
      DUMP_TARGET: `${bucket.path.replace(/\/$/, "")}/dumps/${cluster}`,
      HOME: PATHS.private,
      ...(keysSecret && { AWS_SHARED_CREDENTIALS_FILE: `${PATHS.keys}/credentials` }),
      // Not every store takes the checksums that Amazon's client adds of itself since 2025.
      ...(bucket.endpoint && { AWS_REQUEST_CHECKSUM_CALCULATION: "when_required" }),
    }),
    resources: DUMPER,
    volumeMounts: [
      readOnly("files", PATHS.files),
      { ...dump, readOnly: true },
      // Not the other one: the password of the database is no business of this container.
      { name: "home", mountPath: PATHS.private },
      ...(keysSecret === undefined ? [] : [readOnly("keys", PATHS.keys)]),
    ],
  };
  return {
    initContainers: [
      client(job, context, {
        // pg_dump turns off what its session is told of locks.
        args: [
          ...["/bin/sh", script("dump"), `--lock-wait-timeout=${job.lockWait}s`],
          ...(server.hidesVerifiers ? [`--exclude-schema=${AUTH_SCHEMA}`] : []),
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

/** A container that connects to the primary, its certificate verified, with a password from a file. */
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
    // A server does not notice by itself that whoever asked is gone, and would go on for hours.
    client_connection_check_interval: "10s",
  };
  return {
    ...RESTRICTED_CONTAINER,
    name: job.name,
    image: serverImage(database),
    command: ["/bin/sh", script("login")],
    args: own.args,
    env: variables({
      PGHOST: server.host,
      PGPORT: server.port,
      PGDATABASE: job.database,
      PGUSER: user,
      PGAPPNAME: `maintenance ${job.name}`,
      PGSSLMODE: "verify-full",
      PGSSLROOTCERT: `${PATHS.authority}/ca.crt`,
      PGCHANNELBINDING: server.channelBinding,
      // Known from libpq 16 on; an earlier one does not read it.
      PGREQUIREAUTH: "scram-sha-256",
      PGTARGETSESSIONATTRS: "read-write",
      PGCONNECT_TIMEOUT: "10",
      PGOPTIONS: startupOptions(session),
      PGPASSFILE: `${PATHS.private}/pgpass`,
      MAINTENANCE_LOGIN: `${PATHS.login}/pgpass`,
      MAINTENANCE_FOLDER: PATHS.private,
      HOME: PATHS.private,
      // Before Debian's wrapper of psql, which looks for a user's settings and for clusters of its own.
      PATH: `/usr/lib/postgresql/${majorVersion}/bin:/usr/local/bin:/usr/bin:/bin`,
      ...own.env,
    }),
    resources: own.resources,
    volumeMounts: [
      readOnly("files", PATHS.files),
      readOnly("login", PATHS.login),
      readOnly("authority", PATHS.authority),
      { name: "private", mountPath: PATHS.private },
      ...(own.volumeMounts ?? []),
    ],
  };
}

function clientVolumes(context: JobContext): Volume[] {
  return [
    { name: "files", configMap: { name: context.files, defaultMode: GROUP_READS } },
    secretVolume("login", context.loginSecret, "pgpass"),
    authorityVolume("authority", context.server.authority, "ca.crt"),
    { name: "private", ...MEMORY },
  ];
}

/** A volume of the run's own, made with its pod and deleted with it: a node's disk need not have the room. */
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

/** What a container asks for is what it may have, so that nothing it does is at the cost of the servers. */
function resources(cpu: string, memory: string): types.input.core.v1.ResourceRequirements {
  const all = { cpu, memory, "ephemeral-storage": "64Mi" };
  return { requests: all, limits: all };
}
