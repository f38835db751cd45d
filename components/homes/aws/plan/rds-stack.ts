import type { Settings } from "../../../settings/plan/settings-stack";
import type { BucketClients, HomeRequest } from "../../plan/home";
import type { AwsStackSettings } from "./settings-aws";
import { isOnRds } from "./settings-rds";

/** What this home needs of a stack's settings, by topic. Of the others, only the entries (`home-aws.ts`, `open-aws.ts`) see them all. */

export type { ArchiveAccount, BucketClients } from "../../plan/home";
export type { AwsSettings } from "./settings-aws";
export type { RdsSpec } from "./settings-rds";

export type BackupSettings = Settings["backups"];

/** Backups that go to a bucket. */
export interface BucketBackups extends BackupSettings {
  readonly bucket: NonNullable<BackupSettings["bucket"]>;
}

export type AwsStack = Readonly<ReturnType<typeof awsStack>>;

/** Where no home has pods that open a bucket. */
const NOBODY: BucketClients = { namespace: "", retain: false, pods: false, accounts: [] };

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
    clients: clients ?? NOBODY,
    monitoring: monitoring.enabled,
    protection,
    rotation,
  };
}
