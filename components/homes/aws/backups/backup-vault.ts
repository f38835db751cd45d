import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type BackupRule, vaultLock } from "./plan/vault-plan";
import { arn } from "../plan/aws-names";
import { policyDocument } from "../plan/policy-document";
import { encryptionKey } from "../encryption-key";
import type { AwsPlatform } from "../platform/aws-platform";
import type { StackRegion } from "../platform/stack-regions";

export interface BackupVaultArgs {
  readonly platform: AwsPlatform;
  readonly stackRegion: StackRegion;
  /** Rules of the plan; they decide the vault lock. */
  readonly rules: readonly BackupRule[];
  /** Whether the lock is in compliance mode, in which nobody can remove it. */
  readonly compliance: boolean;
}

/** Days after which a lock in compliance mode becomes permanent; three is AWS's minimum. */
const GRACE_DAYS = 3;

/**
 * An AWS Backup vault, encrypted with its own key. Its policy forbids everybody to delete snapshots or to shorten their
 * retention. The program's credentials may change the policy, so that errors can be fixed; the vault lock still
 * protects the snapshots.
 *
 * With `protection` it is neither deleted nor replaced, and is kept with its key, policy and lock when the stack is
 * destroyed. Without, AWS still refuses to delete a vault that has snapshots. No change of it is ignored.
 */
export class BackupVault extends pulumi.ComponentResource {
  /** Name of the vault, known before it exists. */
  readonly vault: string;
  readonly arn: string;
  /** Key of the vault; it also encrypts the copies of RDS's automated backups. */
  readonly key: aws.kms.Key;

  constructor(name: string, args: BackupVaultArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:BackupVault", name, {}, opts);
    const { platform, stackRegion, rules, compliance } = args;
    const { names } = stackRegion;
    const { protection } = platform;
    const lock = vaultLock(rules);
    const kept = { ...platform.optionsIn(this, stackRegion), retainOnDelete: protection };
    this.vault = names.base;
    this.arn = arn(names, "backup", `backup-vault:${this.vault}`);
    this.key = encryptionKey(
      `${name}-key`,
      {
        names,
        purpose: "backups",
        description: `Backups of ${names.base} by AWS Backup and RDS`,
        protect: protection,
      },
      platform.optionsIn(this, stackRegion),
    );
    const vault = new aws.backup.Vault(
      name,
      { name: this.vault, kmsKeyArn: this.key.arn, forceDestroy: false },
      { ...kept, protect: protection },
    );
    new aws.backup.VaultPolicy(
      `${name}-policy`,
      {
        backupVaultName: vault.name,
        policy: policyDocument([
          {
            Sid: "NobodyDeletesBackups",
            Effect: "Deny",
            Principal: "*",
            Action: ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"],
            Resource: "*",
          },
        ]),
      },
      kept,
    );
    new aws.backup.VaultLockConfiguration(
      `${name}-lock`,
      {
        backupVaultName: vault.name,
        minRetentionDays: lock.minDays,
        maxRetentionDays: lock.maxDays,
        // In governance mode principals with permission can remove the lock.
        ...(compliance ? { changeableForDays: GRACE_DAYS } : {}),
      },
      kept,
    );
    this.registerOutputs({ vault: this.vault });
  }
}
