import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type BackupRule, backupTag } from "./plan/vault-plan";
import { policyDocument, servicePolicy, serviceTrust } from "../plan/policy-document";
import type { AwsPlatform } from "../platform/aws-platform";
import type { Place } from "../platform/places";
import type { BackupVault } from "./backup-vault";

export interface BackupPlanArgs {
  readonly platform: AwsPlatform;
  /** Where the server is that is copied. */
  readonly place: Place;
  readonly rules: readonly BackupRule[];
  readonly vault: BackupVault;
  /** Vault of another region that each snapshot is copied to. @default - none */
  readonly copyTo?: BackupVault;
}

/** Minutes after its time within which a snapshot has to begin, the fewest that AWS takes, and to end. */
const WITHIN = { start: 60, end: 12 * 60 };

/**
 * Has AWS Backup take snapshots of the server, besides RDS's own: they lie in a vault that RDS cannot delete from, and
 * in a second region. The server is found by its tag ({@link backupTag}), so the account has to have AWS Backup turned on
 * for RDS (it is, unless somebody turned it off).
 *
 * Not continuous. That would hand the server's own retention and window to AWS Backup, and its point-in-time restore
 * with them; RDS keeps that to itself, and `AwsBackups` copies it to the second region.
 */
export function planSnapshots(
  name: string,
  { platform, place, rules, vault, copyTo }: BackupPlanArgs,
  parent: pulumi.Resource,
): void {
  const component = new pulumi.ComponentResource("sark:aws:BackupPlan", name, {}, { parent });
  const { names } = place;
  const inside = platform.inside(component, place);
  const plan = new aws.backup.Plan(
    name,
    {
      name: names.base,
      rules: rules.map((rule) => ({
        ruleName: rule.name,
        targetVaultName: vault.vault,
        schedule: rule.schedule,
        scheduleExpressionTimezone: "Etc/UTC",
        startWindow: WITHIN.start,
        completionWindow: WITHIN.end,
        enableContinuousBackup: false,
        lifecycle: { deleteAfter: rule.keptDays },
        copyActions: copyTo
          ? [{ destinationVaultArn: copyTo.arn, lifecycle: { deleteAfter: rule.keptDays } }]
          : [],
      })),
    },
    { ...inside, dependsOn: [vault, ...(copyTo ? [copyTo] : [])] },
  );
  const role = snapshotRole(`${name}-role`, platform, component);
  new aws.backup.Selection(
    `${name}-selection`,
    {
      name: names.base,
      planId: plan.id,
      iamRoleArn: role.arn,
      selectionTags: Object.entries(backupTag(names)).map(([key, value]) => ({
        type: "STRINGEQUALS",
        key,
        value,
      })),
    },
    inside,
  );
}

/** It takes and copies backups; restoring one is for a person, with a role of theirs. */
function snapshotRole(name: string, platform: AwsPlatform, parent: pulumi.Resource): aws.iam.Role {
  const { names } = platform;
  const role = new aws.iam.Role(
    name,
    {
      name: `${names.base}-backup`,
      description: `AWS Backup takes snapshots of ${names.base}`,
      assumeRolePolicy: policyDocument([serviceTrust(names, "AwsBackup", "backup.amazonaws.com")]),
    },
    platform.inside(parent),
  );
  new aws.iam.RolePolicyAttachment(
    `${name}-backups`,
    {
      role: role.name,
      policyArn: servicePolicy(names, "AWSBackupServiceRolePolicyForBackup"),
    },
    platform.inside(parent),
  );
  return role;
}
