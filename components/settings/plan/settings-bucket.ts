import { z } from "zod";
import { enumSetting, withDocumentation, booleanSetting, integerSetting } from "./settings-fields";

/** Object storage for backups. */
export const bucketSettings = z.strictObject({
  path: withDocumentation(
    z.string().regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[\w.-]+)*\/?$/),
    "S3-compatible bucket, with an optional folder.",
    "s3://bucket/folder",
    "it holds the base backups and the WAL archive",
  ),
  region: withDocumentation(
    z.string().regex(/^[a-z0-9-]+$/),
    "AWS region of the bucket.",
    "the name of a region",
    "requests are signed for this region",
  ).default("us-east-1"),
  endpoint: withDocumentation(
    z.url({ protocol: /^https$/ }),
    "Endpoint of S3-compatible storage outside AWS.",
    "an https URL",
    "without TLS, backups could be read in transit",
  ).optional(),
  retentionDays: integerSetting(
    1,
    3650,
    "Days after which the bucket's lifecycle rule deletes objects. Default for a managed bucket: the shortest period that keeps every restore within `backups.retentionDays` possible.",
    "a backup that the bucket has deleted cannot be restored",
  ).optional(),
  access: enumSetting(
    ["role", "keys"],
    "How the servers authenticate to the storage: with a role of their service account, or with the secrets sark-databases:backupAccessKeyId and sark-databases:backupSecretAccessKey.",
    "a role has no long-lived password that could leak",
  ).default("role"),
  managed: booleanSetting(
    "Whether the stack creates the bucket, its encryption keys and its IAM roles, in the account of `aws`.",
    "a bucket that the stack did not create is left unchanged",
  ).default(false),
  lock: z
    .strictObject({
      mode: enumSetting(
        ["governance", "compliance"],
        "Who may delete a locked backup early: in governance mode users with a special permission; in compliance mode nobody, not even the account's root user.",
        "a compliance lock cannot be undone",
      ).default("governance"),
      days: integerSetting(
        7,
        3650,
        "Days for which object lock protects each object version in a managed bucket. Default: the days for which a restore may need it, `backups.retentionDays` and the time between base backups.",
        "an attacker deletes the backups first",
      ).optional(),
    })
    .prefault({}),
  role: withDocumentation(
    z.string().min(1),
    "IAM role (an ARN on AWS) that the service accounts assume. A managed bucket creates its own roles.",
    "the name of a role",
    "it needs only read, write and list permissions",
  ).optional(),
  roles: withDocumentation(
    z.record(z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/), z.string().min(1)),
    "Roles of individual service accounts, by account name; each replaces `role`. A managed bucket creates its own roles.",
    "names of service accounts, such as sark-audit or sark-dump, each with a role",
    "an account that only writes dumps need not read the WAL archive",
  ).default({}),
});

type BucketRoles = Pick<z.output<typeof bucketSettings>, "access" | "role" | "roles">;

/**
 * Role that a service account must name explicitly to open the bucket.
 * @returns undefined when the account names none: the servers use keys, or the account is bound to
 *   its role
 */
export function bucketRole(
  { access, role, roles }: BucketRoles,
  account: string,
): string | undefined {
  return access === "role" ? (roles[account] ?? role) : undefined;
}
