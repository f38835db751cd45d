/** Settings of a database that every home has, or that several homes share. */
import { z } from "zod";
import { ingest, retention } from "./settings-audit";
import {
  enumSetting,
  endpointSettings,
  withDocumentation,
  imageSetting,
  sizeSetting,
  integerSetting,
} from "./settings-fields";

/** Memory and vCPUs of a server. */
export const machineKeys = {
  memory: sizeSetting(
    "Memory of the server. Default: on RDS, the memory of the instance class; otherwise 8GiB. In the local home, a server without any size takes a share of this machine.",
    "every memory parameter is computed from it",
  ).optional(),
  vcpus: withDocumentation(
    z.number().min(0.25).max(256),
    "vCPUs of the server. Default: on RDS, those of the instance class; otherwise 4. In the local home, a server without any size takes a share of this machine.",
    "a number from 0.25 to 256",
    "parallel and background workers are computed from it",
  ).optional(),
};

/** Data volume of a server. */
export const storageKeys = {
  size: sizeSetting("Size of the data volume.", "it limits the size of the WAL").prefault("100GiB"),
  kind: enumSetting(
    ["ssd", "hdd", "san"],
    "Kind of disk: local SSD, spinning disks, or network block storage.",
    "random_page_cost and effective_io_concurrency depend on it",
  ).default("ssd"),
};

export const serverSize = z.strictObject({
  ...machineKeys,
  storage: z.strictObject(storageKeys).prefault({}),
});

/** Keys of a database in every home; `replicas` is added by each home. */
export const databaseKeys = {
  majorVersion: withDocumentation(
    z.union([z.literal(16), z.literal(17), z.literal(18)]),
    "Major version of PostgreSQL. Changing it upgrades the server.",
    "16, 17 or 18",
    "earlier versions are near or past their end of life",
  ).default(18),
  size: serverSize.optional().meta({
    description: "Size of the server. Default in the local home: a share of this machine.",
  }),
  connections: integerSetting(
    10,
    10_000,
    "max_connections. Default: derived from the application's tier. Changing it restarts the server.",
    "each session costs memory, and fewer than 10 leave none for the application",
  ).optional(),
  tunnel: endpointSettings.optional().meta({
    description: "Address of an existing tunnel, used instead of the server's own address.",
  }),
};

/** Keys that `sark_audit` has in every home. */
export const auditKeys = { retention, ingest };

const parameterValue = withDocumentation(
  z.union([z.string(), z.number(), z.boolean()]),
  "Server parameter that overrides the computed one, in the notation of postgresql.conf.",
  "a string, a number, or true or false",
  "it is checked against the limits of the server's major version",
);

/** Parameter overrides of a server that the stack configures. */
export const parameters = z.record(z.string(), parameterValue).default({});

/**
 * The setting `replicas`.
 * @param usual default number of replicas
 */
export function replicasSetting(
  most: number,
  usual: number,
  why = "each is a separate server that follows the primary",
) {
  return integerSetting(0, most, "Read replicas.", why).default(usual);
}

/** The setting `replicas` in a home without replicas: only 0 is allowed. */
export function noReplicasSetting(why: string) {
  return withDocumentation(z.literal(0), "Read replicas: none.", "0", why).default(0);
}

export const availabilitySetting = enumSetting(
  ["single", "multi-zone"],
  "Whether a stand-by takes over when the primary or its zone fails.",
  "a stand-by doubles the price of the server",
).default("single");

/** Image of a database's jobs, and of its servers where those are containers. */
export const serverImage = imageSetting(
  "Container image of the server on Kubernetes, or of the maintenance jobs of a server on AWS. Default: the operator's image for the major version, which has no TimescaleDB.",
).optional();

/** Restore of a database from a backup. */
export const recoveryKeys = {
  generation: integerSetting(
    2,
    1000,
    "Number of the cluster that the restore creates. Each restore takes the next number.",
    "a restore creates a new cluster, with its own WAL archive",
  ),
  from: integerSetting(
    1,
    999,
    "Number of the cluster whose backup is restored. Default: the previous one.",
    "its WAL archive is restored",
  ).optional(),
  time: withDocumentation(
    z.iso.datetime({ offset: true }),
    "Point in time to restore to. Default: the end of the WAL archive.",
    'a time with a time zone, in quotes, such as "2026-03-01T10:00:00Z"',
    "without a time zone, the time would be ambiguous",
  ).optional(),
};

/** Validated settings of a database, as the schema of its home returns them. */
export interface DatabaseSettings extends z.output<z.ZodObject<typeof databaseKeys>> {
  home: string;
  replicas: number;
  /** Unset for a server that takes no parameters from the stack. */
  parameters?: z.output<typeof parameters> | undefined;
  /** `image` and `recovery` are unset in a home that does not have them. */
  image?: string | undefined;
  recovery?:
    | (z.output<z.ZodObject<typeof recoveryKeys>> & { oldNames?: number | undefined })
    | undefined;
}

/** Validated settings of sark_audit. */
export type AuditSettings = DatabaseSettings & z.output<z.ZodObject<typeof auditKeys>>;

export type GivenSize = z.output<typeof serverSize>;

/** Complete size of a server, in bytes. */
export interface ServerSize {
  readonly memory: number;
  readonly vcpus: number;
  /** With StorageClass and WAL volume, in a home that has them. */
  readonly storage: GivenSize["storage"] & {
    readonly class?: string | undefined;
    readonly wal?: number | undefined;
  };
}
