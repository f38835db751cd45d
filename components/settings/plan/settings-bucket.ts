import { z } from "zod";
import { choice, explained, flag, whole } from "./settings-fields";

/** Where backups go. */
export const bucketSettings = z.strictObject({
  path: explained(
    z.string().regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[\w.-]+)*\/?$/),
    "Bucket of S3-compatible storage, with an optional folder.",
    "s3://bucket/folder",
    "backups and the write-ahead log are kept in it",
  ),
  region: explained(
    z.string().regex(/^[a-z0-9-]+$/),
    "Region of the bucket.",
    "a region's name",
    "requests are signed for it",
  ).default("us-east-1"),
  endpoint: explained(
    z.url({ protocol: /^https$/ }),
    "Address of storage other than Amazon's.",
    "an https address",
    "without TLS the backups could be read on their way",
  ).optional(),
  retentionDays: whole(
    1,
    3650,
    "Days after which the bucket itself deletes objects. Left out of a managed bucket: as few as a restore allows.",
    "a backup that the bucket deletes cannot be restored",
  ).optional(),
  access: choice(
    ["role", "keys"],
    "How the servers log in to the storage: a role of their service account, or the secrets sark-databases:backupAccessKeyId and sark-databases:backupSecretAccessKey.",
    "a role has no password that could leak",
  ).default("role"),
  managed: flag(
    "Whether the stack makes the bucket, its keys and the roles for it, in the account of `aws`.",
    "a bucket that somebody else made is left as it is",
  ).default(false),
  lock: z
    .strictObject({
      mode: choice(
        ["governance", "compliance"],
        "Who may delete a locked backup before its time: whoever has a special permission, or nobody, the account's root included.",
        "a lock in compliance mode cannot be undone",
      ).default("governance"),
      days: whole(
        7,
        3650,
        "Days for which a managed bucket keeps each version of an object from being deleted. Left out: `backups.retentionDays`.",
        "whoever breaks in deletes the backups first",
      ).optional(),
    })
    .prefault({}),
  role: explained(
    z.string().min(1),
    "Role (an ARN on AWS) that the service accounts take on. A managed bucket has roles of its own.",
    "a role's name",
    "it needs to read, write and list, and nothing else",
  ).optional(),
  roles: explained(
    z.record(z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/), z.string().min(1)),
    "Roles of single service accounts, by the account's name, in place of `role`. A managed bucket has roles of its own.",
    "names of service accounts, such as sark-audit or sark-dump, with a role each",
    "one that only writes dumps need not read the archive",
  ).default({}),
});

type BucketRoles = Pick<z.output<typeof bucketSettings>, "access" | "role" | "roles">;

/** The role that a service account takes on to open the bucket, if it has to say so itself. */
export function bucketRole(
  { access, role, roles }: BucketRoles,
  account: string,
): string | undefined {
  return access === "role" ? (roles[account] ?? role) : undefined;
}
