import { type AwsNames, arn, awsNames } from "../../plan/aws-names";
import type { ArchiveAccount, AwsSettings, BackupSettings } from "../../plan/rds-stack";

/** Name of the role that a service account takes on. */
export function archiveRole({ base }: AwsNames, account: string): string {
  return `${base}-archive-${account}`;
}

/** Whoever may take on one of these roles can open the bucket: a pattern of all their ARNs, of any generation. */
export function archiveRoles(names: AwsNames): string {
  return arn(names, "iam", `role/${archiveRole(names, "*")}`);
}

/**
 * Backups that name the roles of a managed bucket, where a service account says itself which it takes on. With EKS Pod
 * Identity the cluster knows, and the account says nothing.
 * @param accounts that open the bucket
 * @param stack its name
 */
export function withManagedBucket(
  backups: BackupSettings,
  accounts: readonly ArchiveAccount[],
  aws: AwsSettings | undefined,
  stack: string,
): BackupSettings {
  const { bucket } = backups;
  if (!bucket?.managed || aws?.cluster?.identity !== "irsa") return backups;
  const names = awsNames(aws, stack);
  const roles = Object.fromEntries(
    accounts.map(({ account }): [string, string] => [
      account,
      arn(names, "iam", `role/${archiveRole(names, account)}`),
    ]),
  );
  return { ...backups, bucket: { ...bucket, roles } };
}
