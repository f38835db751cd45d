import type { AwsNames } from "../../plan/aws-names";

/** Tag by which a plan of AWS Backup finds what it copies. */
const BACKUP_TAG = "backup";

/**
 * The tag of a server that the stack's plan of AWS Backup copies: of the primary alone, as a replica has the same rows.
 * Its value is the stack's, so that the plans of two stacks in one account never meet.
 */
export function backupTag({ base }: AwsNames): Readonly<Record<string, string>> {
  return { [BACKUP_TAG]: base };
}
