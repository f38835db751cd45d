import type { Settings } from "../../../settings/plan/settings-stack";
import type { BucketClients, HomeRequest } from "../../plan/home";
import type { AwsStackSettings } from "./settings-aws";
import { isOnRds } from "./settings-rds";

/**
 * The part of a stack's settings that this home uses. Only its entry points (`home-aws.ts`, `open-aws.ts`) see all
 * settings.
 */

export type { ArchiveAccount, BucketClients } from "../../plan/home";
export type { AwsSettings } from "./settings-aws";
export type { RdsSpec } from "./settings-rds";

export type BackupSettings = Settings["backups"];

export type MonitoringSettings = Settings["monitoring"];

/** Backup settings with a bucket. */
export interface BucketBackups extends BackupSettings {
  readonly bucket: NonNullable<BackupSettings["bucket"]>;
}

export type AwsStack = Readonly<ReturnType<typeof awsStack>>;

/** Used when no home has pods that access a bucket. */
const NO_CLIENTS: BucketClients = { namespace: "", retain: false, pods: false, accounts: [] };

/** @param request what the stack asks of this home */
export function awsStack(settings: AwsStackSettings, { clients }: HomeRequest) {
  const { aws, sark, application, backups, monitoring, protection, rotation } = settings;
  return {
    /** Unset when the stack creates nothing on AWS. */
    aws,
    /** Unset when no database is on RDS. */
    database: isOnRds(sark) ? sark : undefined,
    /** Load tier, which decides the volume's IOPS. */
    tier: application.tier,
    backups,
    clients: clients ?? NO_CLIENTS,
    monitoring,
    protection,
    rotation,
  };
}
