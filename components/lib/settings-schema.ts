import { z } from "zod";
import type { DatabaseName } from "./role-plan";
import { APPLICATION_TIERS, type ApplicationTier } from "./application-tiers";
import { choice, endpoint, explained, flag, port, size, whole } from "./settings-fields";

/**
 * The settings of a stack: their names, limits, defaults and reasons. What stands here is what the error messages and
 * docs/settings.md say. A default that Pulumi merges (a plain top-level value) stands in Pulumi.yaml instead.
 */

const serverSize = z.strictObject({
  memory: size("Memory of the server.", "every memory parameter is computed from it").prefault(
    "8GiB",
  ),
  vcpus: explained(
    z.number().min(0.25).max(256),
    "Processors of the server.",
    "a number from 0.25 to 256",
    "parallel and background workers are computed from it",
  ).default(4),
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
};

const replicas = (most: number) =>
  whole(0, most, "Read replicas.", "each is a server of its own that follows the primary");

const sark = z.strictObject({ ...database, replicas: replicas(5).default(1) });

const interval = explained(
  z.string().regex(/^[1-9]\d* days$/),
  "Age at which rows are dropped, a chunk at a time. Left out: the figure of the migration.",
  "a number of days such as 90 days",
  "a shorter time deletes data",
);

const audit = z.strictObject({
  ...database,
  replicas: replicas(5).default(0),
  retention: z
    .strictObject({
      audit_events: interval.optional(),
      policy_evaluations: interval.optional(),
      siem_events: interval.optional(),
    })
    .default({}),
  external: z
    .strictObject({
      ...endpoint.shape,
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

const tiers = Object.keys(APPLICATION_TIERS) as [ApplicationTier, ...ApplicationTier[]];

const application = z.strictObject({
  tier: choice(
    tiers,
    "Load that the application is built for, as the guide names it.",
    "max_connections and the size of direct pools follow from it",
  ).default("medium"),
  pods: whole(1, 1000, "Pods of the application.", "each keeps pools of its own").default(4),
  maxPods: whole(
    1,
    1000,
    "Most pods that an autoscaler may start. Left out: as many as `pods`.",
    "the budget has to hold at the maximum",
  ).optional(),
  maxSurge: explained(
    z.union([z.int().min(0).max(1000), z.templateLiteral([z.int().min(0).max(100), "%"])]),
    "Extra pods during a rolling update.",
    "a number of pods, or a share such as 25%",
    "old and new pods hold connections at the same time",
  ).default("25%"),
  poolSize: whole(
    1,
    500,
    "Connections that a pod keeps to each database. Left out: 5 through PgBouncer, else the tier's.",
    "pods x connections is what the databases see",
  ).optional(),
  maxOverflow: whole(
    0,
    500,
    "Connections that a pod may add in a burst. Left out: 2 through PgBouncer, else the tier's.",
    "pods x connections is what the databases see",
  ).optional(),
});

const pool = z.strictObject({
  enabled: flag(
    "Whether PgBouncer stands between the application and the databases.",
    "without it each pod connects directly",
  ).default(true),
  instances: whole(1, 20, "PgBouncer processes.", "each has pools of its own").default(2),
  defaultPoolSize: whole(
    1,
    1000,
    "Server connections for each login and database, per instance.",
    "it is the number of statements that run at once",
  ).default(25),
  reservePoolSize: whole(
    0,
    1000,
    "Server connections beyond that for clients that have waited 3 s.",
    "they count against max_connections",
  ).default(5),
  sessionPoolSize: whole(
    1,
    100,
    "Server connections for each login of the session pool `sark_session`.",
    "each is one client's for as long as it stays",
  ).default(5),
  maxClientConnections: whole(
    10,
    50_000,
    "Clients for each instance.",
    "each takes a file descriptor",
  ).default(1000),
  maxServerConnections: whole(
    1,
    10_000,
    "Server connections for each entry and instance, all logins together. Left out: what fits into 80 % of the server's connections, 100 at most.",
    "it bounds what the databases see, whoever connects",
  ).optional(),
  openFiles: whole(
    256,
    1_048_576,
    "Limit of open files that an instance is started with.",
    "past it PgBouncer accepts nobody, and clients hang without an error",
  ).default(4096),
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
    })
    .prefault({}),
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
export type SarkSettings = Settings["sark"];
export type AuditSettings = Settings["audit"];
export type ServerSize = z.output<typeof serverSize>;

/** Size of a server whose size is left out: the guide's machine. */
export const DEFAULT_SIZE: ServerSize = serverSize.parse({});

/** The part of the settings that describes a database. */
export function databaseSettings(settings: Settings, database: DatabaseName) {
  return database === "sark" ? settings.sark : settings.audit;
}
