/** Settings of a stack that every home has. */
import { z } from "zod";
import { isSchedule } from "../../text/schedule";
import { bucketSettings } from "./settings-bucket";
import { application, pool } from "./settings-clients";
import { monitoring } from "./settings-monitoring";
import type { AuditSettings, DatabaseSettings } from "./settings-database";
import {
  enumSetting,
  withDocumentation,
  booleanSetting,
  imageSetting,
  integerSetting,
} from "./settings-fields";

export const stackKeys = {
  application: application.prefault({}),
  pool: pool.prefault({}),
  backups: z
    .strictObject({
      retentionDays: integerSetting(
        7,
        35,
        "Days for which a point-in-time restore is possible.",
        "fewer than 7 would miss a mistake made before a weekend; RDS keeps at most 35",
      ).default(14),
      recoveryPoint: integerSetting(
        1,
        7 * 24 * 60,
        "Minutes of writes that may be lost with a server. A database whose backups cannot keep this is refused. Default: what each home can keep.",
        "the WAL of the last minutes is not archived yet",
      ).optional(),
      recoveryTime: integerSetting(
        5,
        7 * 24 * 60,
        "Minutes that a restore may take. A drill by `npm run restore-drill` that takes longer fails.",
        "the time depends on the size of the data, so only a drill shows whether it is kept",
      ).default(60),
      schedule: withDocumentation(
        z.string().refine(isSchedule),
        "Schedule of base backups, in UTC: second, minute, hour, day of the month, month, day of the week.",
        "six fields such as 0 0 2 * * *, with 0 to 6 or SUN to SAT for the day of the week, and a time that occurs",
        "the operator's schedules begin with seconds, and the operator rejects an invalid schedule only in the middle of a run",
      ).default("0 0 2 * * *"),
      folder: withDocumentation(
        z.string().regex(/^\/[^\0\r\n]*$/),
        "Folder for backups of sark in the local home, outside of .sark/local. Default: no backups there, unless bucket is set.",
        "an absolute path on this machine that the servers' user may write",
        "the server archives its WAL to it",
      ).optional(),
      bucket: bucketSettings.optional().meta({
        description:
          "Object storage for backups of databases on Kubernetes, and of sark in the local home. Default: no backups.",
      }),
    })
    .prefault({}),
  maintenance: z
    .strictObject({
      enabled: booleanSetting(
        "Whether the stack runs maintenance jobs on Kubernetes: clean-up, vacuum, reindexing, logical dumps, restore drills.",
        "neither the operator nor the server does this maintenance",
      ).default(true),
      image: imageSetting(
        "Container image that uploads logical dumps and fetches backups for restore drills: the sidecar of the Barman Cloud plugin, with Python and barman-cloud.",
      ).optional(),
    })
    .prefault({}),
  monitoring: monitoring.prefault({}),
  route: enumSetting(
    ["direct", "port-forward"],
    "How this program reaches the databases: directly by their address, or through the Kubernetes API.",
    "roles and migrations need a session on the server itself",
  ),
  protection: booleanSetting(
    "Whether servers and data are protected from deletion and replacement.",
    "turning it off is the first of two steps to losing data",
  ),
  rotation: integerSetting(
    1,
    100_000,
    "Number of password rotations of the application so far; add 1 to rotate.",
    "two logins alternate, so the one in use keeps its password",
  ),
};

/** Complete, validated settings of a stack, without the groups of single homes. Sizes are in bytes. */
export interface Settings extends z.output<z.ZodObject<typeof stackKeys>> {
  sark: DatabaseSettings;
  audit: AuditSettings;
}
