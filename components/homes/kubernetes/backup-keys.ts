import type * as pulumi from "@pulumi/pulumi";
import type { StackSettings } from "../../settings/stack-settings";

/** Access keys for the backup storage, used when `backups.bucket.access` is `keys`. */
interface BackupKeys {
  readonly accessKeyId: pulumi.Output<string>;
  readonly secretAccessKey: pulumi.Output<string>;
}

/** Returns the keys; undefined when the servers assume a role, or without backups. */
export function backupKeys({
  backups,
  secrets,
}: Pick<StackSettings, "backups" | "secrets">): BackupKeys | undefined {
  const { backupAccessKeyId: accessKeyId, backupSecretAccessKey: secretAccessKey } = secrets;
  const wanted = backups.bucket?.access === "keys";
  return wanted && accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined;
}
