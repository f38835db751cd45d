import type * as pulumi from "@pulumi/pulumi";
import type { StackSettings } from "../../settings/stack-settings";

/** What the servers log in to the storage for backups with, where its access is by keys. */
interface BackupKeys {
  readonly accessKeyId: pulumi.Output<string>;
  readonly secretAccessKey: pulumi.Output<string>;
}

/** Undefined where the servers take on a role, or there are no backups. */
export function backupKeys({
  backups,
  secrets,
}: Pick<StackSettings, "backups" | "secrets">): BackupKeys | undefined {
  const { backupAccessKeyId: accessKeyId, backupSecretAccessKey: secretAccessKey } = secrets;
  const wanted = backups.bucket?.access === "keys";
  return wanted && accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined;
}
