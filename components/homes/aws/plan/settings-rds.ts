import { z } from "zod";
import {
  availability,
  type DatabaseSettings,
  databaseKeys,
  parameters,
  recoveryKeys,
  replicas,
  serverImage,
} from "../../../settings/plan/settings-database";
import { explained, flag, size, whole } from "../../../settings/plan/settings-fields";

const window = (description: string, pattern: RegExp, example: string) =>
  explained(
    z.string().regex(pattern),
    description,
    `times in UTC such as ${example}`,
    "AWS chooses one of its own where none is given, which may be the busiest hour",
  );

const TIME = "([01]\\d|2[0-3]):[0-5]\\d";
const DAY = `(mon|tue|wed|thu|fri|sat|sun):${TIME}`;

const instanceClass = (description: string) =>
  explained(
    z.string().regex(/^db\.[a-z0-9-]+\.[a-z0-9]+$/),
    description,
    "a class such as db.m7g.large",
    "memory, processors and the limits of its disk follow from it",
  );

const rds = z
  .strictObject({
    instanceClass: instanceClass(
      "Class of the server. Left out: the smallest that has the memory and processors of `size`. A change restarts it.",
    ).optional(),
    storage: z
      .strictObject({
        iops: whole(
          3000,
          64_000,
          "Operations a second of the gp3 volume. Left out: computed from the tier and the class.",
          "above what the class can do, they are paid and never reached",
        ).optional(),
        throughput: whole(
          125,
          4000,
          "MiB a second of the gp3 volume. Left out: computed from the operations.",
          "above what the class can do, it is paid and never reached",
        ).optional(),
        maximum: size(
          "Size up to which RDS enlarges the volume by itself. Left out: twice its size. It never shrinks.",
          "a full volume stops the server, and one without a bound costs without a bound",
        ).optional(),
      })
      .prefault({}),
    backupWindow: window(
      "When RDS takes its daily snapshot; at least half an hour.",
      new RegExp(`^${TIME}-${TIME}$`),
      "01:00-02:00",
    ).default("01:00-02:00"),
    maintenanceWindow: window(
      "When RDS may restart the server, each week; at least half an hour, apart from the snapshot.",
      new RegExp(`^${DAY}-${DAY}$`),
      "sun:03:00-sun:04:00",
    ).default("sun:03:00-sun:04:00"),
    minorUpgrades: flag(
      "Whether RDS installs minor versions in the maintenance window.",
      "they mend security faults",
    ).default(true),
    blueGreen: flag(
      "Whether changes of the server are made on a copy first, to which RDS then switches. Only without replicas. Turn it on in an `up` of its own, before the change that is worth it: it restarts the server once.",
      "a major upgrade then stops the server for a minute; every change, however small, is made in this way, and the old server is deleted without a snapshot",
    ).default(false),
    applyImmediately: flag(
      "Whether a change of the class or the storage is made at once, and not in the next maintenance window.",
      "some of them stop the server for minutes",
    ).default(false),
    monitoringSeconds: explained(
      z.literal([1, 5, 10, 15, 30, 60]),
      "Seconds between two figures of the server's operating system.",
      "1, 5, 10, 15, 30 or 60",
      "Enhanced Monitoring knows these figures only",
    ).default(60),
    insightsDays: explained(
      z.union([z.literal(7), z.literal(731), z.int().min(31).max(713).multipleOf(31)]),
      "Days for which Performance Insights keeps which statements waited for what.",
      "7, a multiple of 31 up to 713, or 731",
      "7 days cost nothing",
    ).default(7),
    replica: z
      .strictObject({
        instanceClass: instanceClass(
          "Class of the replicas. Left out: the primary's. It may not be smaller than what the primary's connections need.",
        ).optional(),
        majorVersion: explained(
          z.literal([16, 17, 18]),
          "Major version of the replicas. Left out: the primary's, which one that follows has to share.",
          "16, 17 or 18",
          "a stand-by reads the primary's log, which no other major version can",
        ).optional(),
        parameters: z
          .record(
            z.string(),
            explained(
              z.union([z.string(), z.number(), z.boolean()]),
              "Server parameter of the replicas that replaces the computed one, in postgresql.conf's own notation.",
              "a text, a number, or true or false",
              "it is checked against the limits of the server's major version",
            ),
          )
          .default({}),
      })
      .prefault({}),
    promoted: explained(
      z.union([z.int().min(1).max(5), z.literal("second-region")]),
      "Replica that has become the primary, by its number, or that of the second region. The change promotes it.",
      "a number from 1 to the number of replicas, or second-region",
      "a promoted replica follows no more, and does not go back",
    ).optional(),
    snapshot: explained(
      z.string().regex(/^(rds:)?[a-zA-Z][\w-]{0,254}$|^arn:aws[\w-]*:rds:/),
      "Snapshot that `recovery` makes its generation from. Left out: the backup of `recovery.from`, at `recovery.time`.",
      "a snapshot's name or ARN",
      "a snapshot is one moment, a backup any moment of its days",
    ).optional(),
  })
  .prefault({});

/** A database on RDS: its size, its replicas, and what RDS alone has. */
export const rdsDatabase = z.strictObject({
  home: z.literal("aws"),
  ...databaseKeys,
  availability,
  parameters,
  image: serverImage,
  recovery: z.strictObject(recoveryKeys).optional(),
  rds,
  replicas: replicas(5, 1),
});

/** What a stack asks of the database on RDS. */
export type RdsSpec = z.output<typeof rdsDatabase>;

/** Whether RDS runs a database. */
export function isOnRds(database: DatabaseSettings): database is RdsSpec {
  return database.home === "aws";
}
