/** What a stack's settings have in every home. */
import { z } from "zod";
import { isSchedule } from "../../text/schedule";
import { bucketSettings } from "./settings-bucket";
import { application, pool } from "./settings-clients";
import type { AuditSettings, DatabaseSettings } from "./settings-database";
import { choice, explained, flag, image, whole } from "./settings-fields";

export const stackKeys = {
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
};

/** A stack's settings, complete and checked, without what single homes have. Sizes are in bytes. */
export interface Settings extends z.output<z.ZodObject<typeof stackKeys>> {
  sark: DatabaseSettings;
  audit: AuditSettings;
}
