import { z } from "zod";
import { isSchedule } from "../../text/schedule";
import { isHost } from "../../text/address";
import { ingest, retention } from "./settings-audit";
import { awsSettings } from "../../homes/aws/plan/settings-aws";
import { rdsSettings } from "../../homes/aws/plan/settings-rds";
import { bucketSettings } from "../../homes/kubernetes/plan/settings-bucket";
import { application, pool } from "./settings-clients";
import { choice, endpoint, explained, flag, image, port, size, whole } from "./settings-fields";
import {
  kubernetesDatabase,
  kubernetesSettings,
  kubernetesStorage,
  timescaleSettings,
} from "../../homes/kubernetes/plan/settings-kubernetes";

/**
 * The settings of a stack: their names, limits, defaults and reasons. What stands here is what the error messages and
 * docs/settings.md say. A default that Pulumi merges (a plain top-level value) stands in Pulumi.yaml instead.
 */

export const serverSize = z.strictObject({
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
  storage: z
    .strictObject({
      size: size("Size of the data volume.", "the write-ahead log is bounded by it").prefault(
        "100GiB",
      ),
      kind: choice(
        ["ssd", "hdd", "san"],
        "What the volume is: a local SSD, spinning disks, or network block storage.",
        "the planner's cost of a random read depends on it",
      ).default("ssd"),
      ...kubernetesStorage,
    })
    .prefault({}),
});

const parameterValue = explained(
  z.union([z.string(), z.number(), z.boolean()]),
  "Server parameter that replaces the computed one, in postgresql.conf's own notation.",
  "a text, a number, or true or false",
  "it is checked against the limits of the server's major version",
);

/** What both databases are described by. */
const database = {
  home: choice(
    ["local", "kubernetes", "aws"],
    "Where the server lives.",
    "each home builds the server in its own way",
  ),
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
  availability: choice(
    ["single", "multi-zone"],
    "Whether a second server takes over when the first, or its zone, fails.",
    "a stand-by doubles the price of the server",
  ).default("single"),
  parameters: z.record(z.string(), parameterValue).default({}),
  tunnel: endpoint.optional().meta({
    description:
      "Address of a tunnel that somebody else keeps open, used instead of the server's own.",
  }),
  ...kubernetesDatabase,
};

const replicas = (most: number) =>
  whole(0, most, "Read replicas.", "each is a server of its own that follows the primary");

const sark = z.strictObject({ ...database, rds: rdsSettings, replicas: replicas(5).default(1) });

const audit = z.strictObject({
  ...database,
  timescaledb: timescaleSettings,
  replicas: replicas(5).default(0),
  retention,
  ingest,
  external: z
    .strictObject({
      ...endpoint.shape,
      host: explained(
        z.string().refine((host) => isHost(host) || host.startsWith("/")),
        "Name or address.",
        "a host name, an address without brackets and port, or the folder of a Unix socket",
        "the connection is made to it",
      ),
      user: explained(
        z.string().min(1),
        "A superuser; its password is the secret sark-databases:auditPassword.",
        "a role's name",
        "roles and extensions are created with it",
      ),
      sslMode: choice(
        ["disable", "verify-full"],
        "TLS to the server.",
        "anything between the two looks safe and verifies nothing",
      ).default("verify-full"),
    })
    .optional()
    .meta({
      description:
        "A TimescaleDB server that exists, in place of the embedded one of a local home.",
    }),
});

/** Every setting of the namespace `sark-databases`, apart from secrets. */
export const settingsSchema = z.strictObject({
  sark,
  audit,
  application: application.prefault({}),
  pool: pool.prefault({}),
  backups: z
    .strictObject({
      retentionDays: whole(
        7,
        35,
        "Days for which a point in time can be restored.",
        "fewer than 7 miss a mistake made before a weekend, and RDS keeps 35 at most",
      ).default(14),
      schedule: explained(
        z.string().refine(isSchedule),
        "When a base backup is taken, in UTC: second, minute, hour, day of the month, month, day of the week.",
        "six fields such as 0 0 2 * * *, with 0 to 6 or SUN to SAT for the day of the week, and a time that comes",
        "the operator's schedules begin with seconds, and it refuses what it does not know in the middle of a run",
      ).default("0 0 2 * * *"),
      bucket: bucketSettings.optional().meta({
        description: "Storage for backups of databases on Kubernetes. Left out: no backups.",
      }),
    })
    .prefault({}),
  maintenance: z
    .strictObject({
      enabled: flag(
        "Whether the stack runs its own jobs on Kubernetes: clean-up, vacuum, reindexing, logical dumps.",
        "neither the operator nor the server does these",
      ).default(true),
      image: image(
        "Image that copies logical dumps to the storage; it has the AWS CLI.",
      ).optional(),
    })
    .prefault({}),
  kubernetes: kubernetesSettings.prefault({}),
  aws: awsSettings.optional().meta({
    description:
      "The account, region and network of what the stack makes on AWS. Left out: nothing.",
  }),
  monitoring: z
    .strictObject({
      enabled: flag(
        "Whether metrics and alerts are set up.",
        "what nobody watches fails unseen",
      ).default(true),
    })
    .prefault({}),
  route: choice(
    ["direct", "port-forward"],
    "How the program reaches the databases: by their own address, or through the Kubernetes API.",
    "roles and migrations need a session on the server itself",
  ),
  protection: flag(
    "Whether servers and data refuse to be deleted or replaced.",
    "turning it off is the first of two steps to losing data",
  ),
  rotation: whole(
    1,
    100_000,
    "Times that the application's passwords were changed; add 1 to change them.",
    "logins take turns, so the one in use keeps its password",
  ),
  local: z
    .strictObject({
      ports: z
        .strictObject({
          sark: port("PostgreSQL, primary.").default(15432),
          sarkReplica: port("PostgreSQL, replica.").default(15433),
          audit: port("TimescaleDB.").default(15434),
          pool: port("PgBouncer.").default(16432),
        })
        .prefault({}),
    })
    .prefault({}),
});

/** A stack's settings, complete and checked. Sizes are in bytes. */
export type Settings = z.output<typeof settingsSchema>;
export type GivenSize = z.output<typeof serverSize>;

/** A server's size, complete. Bytes. */
export type ServerSize = Omit<GivenSize, "memory" | "vcpus"> & {
  readonly memory: number;
  readonly vcpus: number;
};
