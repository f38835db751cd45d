import type { HomeBackups } from "../../../../backups/plan/backup-promise";
import type { AwsSettings, BackupSettings } from "../../plan/rds-stack";

/** RDS user guide, "Restoring a DB instance to a specified time": the WAL is uploaded every five minutes. */
const UPLOAD_MINUTES = 5;

/** What the backups of a server on RDS can keep: automated backups with WAL, and snapshots of AWS Backup. */
export function rdsBackups(
  aws: AwsSettings | undefined,
  { retentionDays }: BackupSettings,
): HomeBackups {
  const { region = "", secondRegion } = aws ?? {};
  return {
    days: retentionDays,
    lossMinutes: UPLOAD_MINUTES,
    lossReason: `RDS archives the WAL every ${UPLOAD_MINUTES} minutes`,
    location: `RDS (${region})${secondRegion?.backups ? `, copied to ${secondRegion.region}` : ""}`,
    encryption: "encrypted with the stack's KMS key",
    writer: "RDS",
    reader: "who may restore in this account",
    deleter: "RDS after that time, and snapshots in the vault by nobody before it",
  };
}
