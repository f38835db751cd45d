import { z } from "zod";
import {
  availabilitySetting,
  type DatabaseSettings,
  databaseKeys,
  parameters,
  recoveryKeys,
  replicasSetting,
  serverImage,
} from "../../../settings/plan/settings-database";
import {
  withDocumentation,
  booleanSetting,
  sizeSetting,
  integerSetting,
} from "../../../settings/plan/settings-fields";

const window = (description: string, pattern: RegExp, example: string) =>
  withDocumentation(
    z.string().regex(pattern),
    description,
    `times in UTC such as ${example}`,
    "otherwise AWS picks a time, which may be the busiest hour",
  );

const TIME = "([01]\\d|2[0-3]):[0-5]\\d";
const DAY = `(mon|tue|wed|thu|fri|sat|sun):${TIME}`;

const instanceClass = (description: string) =>
  withDocumentation(
    z.string().regex(/^db\.[a-z0-9-]+\.[a-z0-9]+$/),
    description,
    "a class such as db.m7g.large",
    "it decides memory, vCPUs and disk limits",
  );

const rds = z
  .strictObject({
    instanceClass: instanceClass(
      "Instance class of the server. Left out: the smallest with the memory and vCPUs of `size`. A change restarts the server.",
    ).optional(),
    storage: z
      .strictObject({
        iops: integerSetting(
          3000,
          64_000,
          "IOPS of the gp3 volume. Left out: computed from the tier and the class.",
          "IOPS above the limit of the class cost money and are never reached",
        ).optional(),
        throughput: integerSetting(
          125,
          4000,
          "Throughput of the gp3 volume in MiB a second. Left out: computed from the IOPS.",
          "throughput above the limit of the class costs money and is never reached",
        ).optional(),
        maximum: sizeSetting(
          "Limit of storage autoscaling. Left out: twice the size. A volume never shrinks.",
          "a full volume stops the server; without a limit, costs have none either",
        ).optional(),
      })
      .prefault({}),
    backupWindow: window(
      "Daily window in which RDS takes its snapshot, at least 30 minutes.",
      new RegExp(`^${TIME}-${TIME}$`),
      "01:00-02:00",
    ).default("01:00-02:00"),
    maintenanceWindow: window(
      "Weekly window in which RDS may restart the server, at least 30 minutes, apart from the backup window.",
      new RegExp(`^${DAY}-${DAY}$`),
      "sun:03:00-sun:04:00",
    ).default("sun:03:00-sun:04:00"),
    minorUpgrades: booleanSetting(
      "Whether RDS installs minor versions in the maintenance window.",
      "they fix security issues",
    ).default(true),
    blueGreen: booleanSetting(
      "Whether changes are made by blue/green deployment: on a copy, to which RDS then switches over. Only without replicas. Turn it on in a separate `up` before the change: it restarts the server once.",
      "a major upgrade then takes a minute of downtime; but every small change uses a deployment as well, and the old server is deleted without a snapshot",
    ).default(false),
    applyImmediately: booleanSetting(
      "Whether a change of class or storage is applied at once, not in the next maintenance window.",
      "some changes stop the server for minutes",
    ).default(false),
    monitoringSeconds: withDocumentation(
      z.literal([1, 5, 10, 15, 30, 60]),
      "Interval of Enhanced Monitoring, in seconds.",
      "1, 5, 10, 15, 30 or 60",
      "Enhanced Monitoring accepts only these values",
    ).default(60),
    insightsDays: withDocumentation(
      z.union([z.literal(7), z.literal(731), z.int().min(31).max(713).multipleOf(31)]),
      "Retention of Performance Insights, in days.",
      "7, a multiple of 31 up to 713, or 731",
      "7 days are free",
    ).default(7),
    replica: z
      .strictObject({
        instanceClass: instanceClass(
          "Instance class of the replicas. Left out: the primary's. It must have enough memory for the primary's connections.",
        ).optional(),
        majorVersion: withDocumentation(
          z.literal([16, 17, 18]),
          "Major version of the replicas. Left out: the primary's. Only a promoted replica may differ.",
          "16, 17 or 18",
          "a replica replays the primary's WAL, which only the same major version can read",
        ).optional(),
        parameters: z
          .record(
            z.string(),
            withDocumentation(
              z.union([z.string(), z.number(), z.boolean()]),
              "Server parameter of the replicas that overrides the computed value, in the notation of postgresql.conf.",
              "a text, a number, or true or false",
              "the limits of the server's major version apply",
            ),
          )
          .default({}),
      })
      .prefault({}),
    promoted: withDocumentation(
      z.union([z.int().min(1).max(5), z.literal("second-region")]),
      "Replica to promote to primary: its number, or second-region. Setting it promotes the replica.",
      "a number from 1 to the number of replicas, or second-region",
      "a promotion cannot be undone: a promoted replica no longer replicates",
    ).optional(),
    snapshot: withDocumentation(
      z.string().regex(/^(rds:)?[a-zA-Z][\w-]{0,254}$|^arn:aws[\w-]*:rds:/),
      "Snapshot that `recovery` restores. Left out: the backup of `recovery.from`, at `recovery.time`.",
      "a snapshot's name or ARN",
      "a snapshot is one point in time; a backup covers any point within its retention",
    ).optional(),
  })
  .prefault({});

/** Settings of a database on RDS: size, replicas, and options that only RDS has. */
export const rdsDatabase = z.strictObject({
  home: z.literal("aws"),
  ...databaseKeys,
  availability: availabilitySetting,
  parameters,
  image: serverImage,
  recovery: z.strictObject(recoveryKeys).optional(),
  rds,
  replicas: replicasSetting(5, 1),
});

/** Settings of the database on RDS, parsed. */
export type RdsSpec = z.output<typeof rdsDatabase>;

/** Whether RDS runs a database. */
export function isOnRds(database: DatabaseSettings): database is RdsSpec {
  return database.home === "aws";
}
