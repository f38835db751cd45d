/** What a database's settings have in every home, and what some homes share. */
import { z } from "zod";
import { ingest, retention } from "./settings-audit";
import { choice, endpoint, explained, image, size, whole } from "./settings-fields";

/** Memory and processors of a server. */
export const machineKeys = {
  memory: size(
    "Memory of the server. Left out: on RDS that of its class, else 8GiB; on a local home without any size a share of this machine.",
    "every memory parameter is computed from it",
  ).optional(),
  vcpus: explained(
    z.number().min(0.25).max(256),
    "Processors of the server. Left out: on RDS those of its class, else 4; on a local home without any size a share of this machine's.",
    "a number from 0.25 to 256",
    "parallel and background workers are computed from it",
  ).optional(),
};

/** A server's data volume. */
export const storageKeys = {
  size: size("Size of the data volume.", "the write-ahead log is bounded by it").prefault("100GiB"),
  kind: choice(
    ["ssd", "hdd", "san"],
    "What the volume is: a local SSD, spinning disks, or network block storage.",
    "the planner's cost of a random read depends on it",
  ).default("ssd"),
};

export const serverSize = z.strictObject({
  ...machineKeys,
  storage: z.strictObject(storageKeys).prefault({}),
});

/** What every home's database has, beside its replicas. */
export const databaseKeys = {
  majorVersion: explained(
    z.union([z.literal(16), z.literal(17), z.literal(18)]),
    "Major version of PostgreSQL. A change is an upgrade of the server.",
    "16, 17 or 18",
    "earlier versions are near or past the end of their support",
  ).default(18),
  size: serverSize.optional().meta({
    description: "Size of the server. Left out on a local home: a share of this machine.",
  }),
  connections: whole(
    10,
    10_000,
    "max_connections. Left out: the figure of the application's tier. A change restarts the server.",
    "each session costs memory, and fewer than 10 leave none for the application",
  ).optional(),
  tunnel: endpoint.optional().meta({
    description:
      "Address of a tunnel that somebody else keeps open, used instead of the server's own.",
  }),
};

/** What sark_audit has in every home. */
export const auditKeys = { retention, ingest };

const parameterValue = explained(
  z.union([z.string(), z.number(), z.boolean()]),
  "Server parameter that replaces the computed one, in postgresql.conf's own notation.",
  "a text, a number, or true or false",
  "it is checked against the limits of the server's major version",
);

/** Of a server that takes parameters from the stack. */
export const parameters = z.record(z.string(), parameterValue).default({});

/** @param usual how many, where the setting is left out */
export function replicas(
  most: number,
  usual: number,
  why = "each is a server of its own that follows the primary",
) {
  return whole(0, most, "Read replicas.", why).default(usual);
}

/** The same key, of a home that has none. */
export function noReplicas(why: string) {
  return explained(z.literal(0), "Read replicas: none.", "0", why).default(0);
}

export const availability = choice(
  ["single", "multi-zone"],
  "Whether a second server takes over when the first, or its zone, fails.",
  "a stand-by doubles the price of the server",
).default("single");

/** What the jobs of a database run in, and its servers where those are containers. */
export const serverImage = image(
  "Image of the server on Kubernetes, or of the jobs of one on AWS. Left out: the operator's own for the major version, which has no TimescaleDB.",
).optional();

/** A recovery from a backup. */
export const recoveryKeys = {
  generation: whole(
    2,
    1000,
    "Number of the cluster that is made from the backup of the one before; each recovery takes the next.",
    "a cluster is recovered into a new one, and writes to an archive of its own",
  ),
  from: whole(
    1,
    999,
    "Number of the cluster whose backup is read. Left out: the one before.",
    "its archive is what is restored",
  ).optional(),
  time: explained(
    z.iso.datetime({ offset: true }),
    "Point in time to recover to. Left out: the end of the archive.",
    'a time with its zone, in quotes, such as "2026-03-01T10:00:00Z"',
    "a time without a zone is another time elsewhere",
  ).optional(),
};

/** A database as the schema of its home has checked it. */
export interface DatabaseSettings extends z.output<z.ZodObject<typeof databaseKeys>> {
  home: string;
  replicas: number;
  /** Unset for a server that takes none from the stack. */
  parameters?: z.output<typeof parameters> | undefined;
  /** Unset where the home has none, as the recovery. */
  image?: string | undefined;
  recovery?:
    | (z.output<z.ZodObject<typeof recoveryKeys>> & { oldNames?: number | undefined })
    | undefined;
}

/** The same of sark_audit. */
export type AuditSettings = DatabaseSettings & z.output<z.ZodObject<typeof auditKeys>>;

export type GivenSize = z.output<typeof serverSize>;

/** A server's size, complete. Bytes. */
export interface ServerSize {
  readonly memory: number;
  readonly vcpus: number;
  /** With the class and the volume of the log, in a home that has them. */
  readonly storage: GivenSize["storage"] & {
    readonly class?: string | undefined;
    readonly wal?: number | undefined;
  };
}
