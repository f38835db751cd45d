import * as pulumi from "@pulumi/pulumi";
import { vaultAlarms } from "./plan/backup-alarms";
import type { AwsPlatform } from "../platform/aws-platform";
import { createAlarm } from "./alarm";
import type { Notifications } from "./notifications";

export interface VaultAlarmsArgs {
  readonly platform: AwsPlatform;
  /** Name of the vault of the main region, where the jobs run. */
  readonly vault: string;
  readonly notifications: Notifications;
}

/** The alarms of the vault that AWS Backup copies the server into. */
export class VaultAlarms extends pulumi.ComponentResource {
  constructor(
    name: string,
    { platform, vault, notifications }: VaultAlarmsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:aws:VaultAlarms", name, {}, opts);
    const { names, aws } = platform;
    const subject = { name: names.base, dimensions: { BackupVaultName: vault } };
    for (const alarm of vaultAlarms(aws.secondRegion?.backups ?? false)) {
      createAlarm(
        `${name}-${alarm.name}`,
        { names, alarm, subject, notifications },
        platform.inside(this),
      );
    }
    this.registerOutputs({});
  }
}
