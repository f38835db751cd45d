import { type AwsNames, arn, awsNames } from "../../plan/aws-names";
import { contentHash } from "../../../../text/fingerprint";
import type { ArchiveAccount, AwsSettings, BackupSettings } from "../../plan/rds-stack";

/** IAM's limit. */
const LONGEST_ROLE_NAME = 64;

/** Name of the role that a service account assumes; the end of a long one is replaced by a hash. */
export function archiveRoleName({ base }: AwsNames, account: string): string {
  const name = `${base}-archive-${account}`;
  if (name.length <= LONGEST_ROLE_NAME) return name;
  const hash = contentHash(name);
  return `${name.slice(0, LONGEST_ROLE_NAME - hash.length - 1)}-${hash}`;
}

/** ARN pattern of all roles that can access the bucket, of any generation. */
export function archiveRolePattern(names: AwsNames): string {
  return arn(names, "iam", `role/${archiveRoleName(names, "*")}`);
}

/**
 * Adds the roles of a managed bucket to the backup settings, for identity `irsa`, where a service account names its
 * role. With EKS Pod Identity an association in the cluster does that.
 * @param accounts service accounts that access the bucket
 * @param stack name of the stack
 */
export function withArchiveRoles(
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
      arn(names, "iam", `role/${archiveRoleName(names, account)}`),
    ]),
  );
  return { ...backups, bucket: { ...bucket, roles } };
}
