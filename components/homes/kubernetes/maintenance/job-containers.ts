import {
  administrativeSettings,
  startupOptions,
} from "../../../connections/administrative-connection";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { helperImage, serverImage } from "../plan/images";
import type { MaintenanceJob } from "../../../maintenance/plan/maintenance-plan";
import type { ServerPlan } from "../../plan/server-plan";
import type { JobStore, ServedDatabase } from "../plan/cluster-stack";
import {
  type CaSource,
  GROUP_READ_MODE,
  caVolume,
  readOnlyMount,
  secretVolume,
  environmentVariables,
} from "../pod-volumes";
import { RESTRICTED_CONTAINER } from "../pod-security";

/** Building blocks of the jobs' pods. */

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
  /** Parameters and size of its server. */
  readonly plan: ServerPlan;
  /** Unset without a bucket. */
  readonly store: JobStore | undefined;
  readonly server: JobServer;
  readonly user: string;
  /** Secret with the key `pgpass`. */
  readonly loginSecret: string;
  /** ConfigMap with the scripts and the SQL. */
  readonly files: string;
  /** Secret with the key `credentials`, for the bucket. Unset if a role grants access. */
  readonly keysSecret: string | undefined;
}

export const PATHS = {
  files: "/etc/maintenance/files",
  login: "/etc/maintenance/login",
  authority: "/etc/maintenance/authority",
  keys: "/etc/maintenance/keys",
  /** In memory. */
  private: "/run/maintenance",
  /** Shared by the containers of a backup's pod. */
  shared: "/var/lib/maintenance",
} as const;

/** A volume in memory. */
export const MEMORY = { emptyDir: { medium: "Memory", sizeLimit: "16Mi" } };

/** Mount of the volume that the containers of a backup's pod share. */
export const SHARED: VolumeMount = { name: "shared", mountPath: PATHS.shared };

/** A container that connects to the primary with a verified certificate and a password file. */
export function client(
  job: MaintenanceJob,
  { database, server, user }: JobContext,
  own: {
    /** @default - the job's */
    readonly name?: string;
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
    name: own.name ?? job.name,
    image: serverImage(database),
    command: ["/bin/sh", script("maintenance-login.sh")],
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
      MAINTENANCE_FILES: PATHS.files,
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

export function clientVolumes(context: JobContext): Volume[] {
  return [
    { name: "files", configMap: { name: context.files, defaultMode: GROUP_READ_MODE } },
    secretVolume("login", context.loginSecret, "pgpass"),
    caVolume("authority", context.server.authority, "ca.crt"),
    { name: "private", ...MEMORY },
  ];
}

/** A container that accesses the bucket with Python and barman-cloud. It sees no database password. */
export function storeClient(
  { store, keysSecret }: JobContext,
  own: {
    readonly name: string;
    readonly script: string;
    readonly env: (store: JobStore) => Readonly<Record<string, string>>;
    readonly resources: types.input.core.v1.ResourceRequirements;
  },
): Container {
  if (!store) throw new Error(`${own.name}: no bucket is configured`);
  const { region, endpoint } = store.bucket;
  return {
    ...RESTRICTED_CONTAINER,
    name: own.name,
    image: helperImage("store", store.image),
    // The image has no shell.
    command: ["/venv/bin/python3", `${PATHS.files}/${own.script}`],
    env: environmentVariables({
      PATH: "/venv/bin:/usr/local/bin:/usr/bin:/bin",
      HOME: PATHS.private,
      // Barman keeps temporary files there.
      TMPDIR: PATHS.shared,
      PYTHONUNBUFFERED: "1",
      AWS_DEFAULT_REGION: region,
      ...(keysSecret && { AWS_SHARED_CREDENTIALS_FILE: `${PATHS.keys}/credentials` }),
      ...(endpoint && {
        AWS_ENDPOINT_URL: endpoint,
        // Since 2025 Amazon's client adds checksums that not every store accepts.
        AWS_REQUEST_CHECKSUM_CALCULATION: "when_required",
        AWS_RESPONSE_CHECKSUM_VALIDATION: "when_required",
      }),
      ...own.env(store),
    }),
    resources: own.resources,
    volumeMounts: [
      readOnlyMount("files", PATHS.files),
      SHARED,
      // Not the `private` volume: this container must not see the database password.
      { name: "home", mountPath: PATHS.private },
      ...(keysSecret === undefined ? [] : [readOnlyMount("keys", PATHS.keys)]),
    ],
  };
}

/** Volumes of {@link storeClient}, besides `files` and `shared`. */
export function storeVolumes({ keysSecret }: JobContext): Volume[] {
  return [
    { name: "home", ...MEMORY },
    ...(keysSecret === undefined ? [] : [secretVolume("keys", keysSecret, "credentials")]),
  ];
}

export function script(name: string): string {
  return `${PATHS.files}/${name}`;
}

/** Requests equal limits, so that jobs never take resources from the servers. */
export function resources(cpu: string, memory: string): types.input.core.v1.ResourceRequirements {
  const all = { cpu, memory, "ephemeral-storage": "64Mi" };
  return { requests: all, limits: all };
}
