import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type BackupRule, backupTag } from "./plan/vault-plan";
import { policyDocument, servicePolicy, serviceTrust } from "../plan/policy-document";
import type { AwsPlatform } from "../platform/aws-platform";
import type { StackRegion } from "../platform/stack-regions";
import type { BackupVault } from "./backup-vault";

export interface BackupPlanArgs {
  readonly platform: AwsPlatform;
  /** Region of the server. */
  readonly stackRegion: StackRegion;
  readonly rules: readonly BackupRule[];
  readonly vault: BackupVault;
  /** Vault in another region to which each snapshot is copied. @default - none */
  readonly copyTo?: BackupVault;
}

/** Minutes within which a snapshot must start (AWS's minimum) and complete. */
const WINDOW_MINUTES = { start: 60, end: 12 * 60 };

/**
 * Creates an AWS Backup plan that takes snapshots of the server, besides RDS's own. They are kept in a vault from which
 * RDS cannot delete, and copied to a second region. The plan selects the server by its tag ({@link backupTag}), so AWS
 * Backup must be enabled for RDS in the account (the default).
 *
 * Continuous backup is off: it would hand the server's backup retention, window and point-in-time recovery over to AWS
 * Backup. RDS does that itself, and `AwsBackups` replicates it to the second region.
 */
export function planSnapshots(
  name: string,
  { platform, stackRegion, rules, vault, copyTo }: BackupPlanArgs,
  parent: pulumi.Resource,
): void {
  const component = new pulumi.ComponentResource("sark:aws:BackupPlan", name, {}, { parent });
  const { names } = stackRegion;
  const inside = platform.optionsIn(component, stackRegion);
  const plan = new aws.backup.Plan(
    name,
    {
      name: names.base,
      rules: rules.map((rule) => ({
        ruleName: rule.name,
        targetVaultName: vault.vault,
        schedule: rule.schedule,
        scheduleExpressionTimezone: "Etc/UTC",
        startWindow: WINDOW_MINUTES.start,
        completionWindow: WINDOW_MINUTES.end,
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

/** Role with which AWS Backup takes and copies snapshots. It cannot restore; people do that with their own roles. */
function snapshotRole(name: string, platform: AwsPlatform, parent: pulumi.Resource): aws.iam.Role {
  const { names } = platform;
  const role = new aws.iam.Role(
    name,
    {
      name: `${names.base}-backup`,
      description: `AWS Backup takes snapshots of ${names.base}`,
      assumeRolePolicy: policyDocument([serviceTrust(names, "AwsBackup", "backup.amazonaws.com")]),
    },
    platform.optionsIn(parent),
  );
  new aws.iam.RolePolicyAttachment(
    `${name}-backups`,
    {
      role: role.name,
      policyArn: servicePolicy(names, "AWSBackupServiceRolePolicyForBackup"),
    },
    platform.optionsIn(parent),
  );
  return role;
}
