import type { Settings } from "../../../settings/plan/settings-stack";
import type { HomeRequest } from "../../plan/home";
import type { AwsStackSettings } from "./settings-aws";
import { isOnRds } from "./settings-rds";

/** What this home needs of a stack's settings, by topic. Beside the entries (`home-aws.ts`, `open-aws.ts`) no other file sees them all. */

export type { ArchiveAccount, BucketClients } from "../../plan/home";
export type { AwsSettings } from "./settings-aws";
export type { RdsSpec } from "./settings-rds";

export type BackupSettings = Settings["backups"];

/** Backups that go to a bucket. */
export interface BucketBackups extends BackupSettings {
  readonly bucket: NonNullable<BackupSettings["bucket"]>;
}

export type AwsStack = Readonly<ReturnType<typeof awsStack>>;

/** @param request what the stack asks of this home */
export function awsStack(settings: AwsStackSettings, { clients }: HomeRequest) {
  const { aws, sark, application, backups, monitoring, protection, rotation } = settings;
  return {
    /** Unset where nothing is made on AWS. */
    aws,
    /** Unset where RDS runs none. */
    database: isOnRds(sark) ? sark : undefined,
    /** Load that the volume is made for. */
    tier: application.tier,
    backups,
    clients,
    monitoring: monitoring.enabled,
    protection,
    rotation,
  };
}
