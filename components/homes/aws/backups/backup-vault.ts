import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type BackupRule, vaultLock } from "./plan/vault-plan";
import { arn } from "../plan/aws-names";
import { policyDocument } from "../plan/policy-document";
import { encryptionKey } from "../encryption-key";
import type { AwsPlatform } from "../platform/aws-platform";
import type { Place } from "../platform/places";

export interface BackupVaultArgs {
  readonly platform: AwsPlatform;
  readonly place: Place;
  /** Snapshots that it takes. */
  readonly rules: readonly BackupRule[];
  /** Whether nobody may take its lock away. */
  readonly compliance: boolean;
}

/** Days after which a lock in compliance mode can be taken away no more; AWS grants three at least. */
const GRACE = 3;

/**
 * A vault of AWS Backup, encrypted with a key of its own, from which nobody deletes a snapshot before its time: neither
 * by asking for it nor by shortening the time. Whoever runs this program may change the policy that says so, or nobody
 * could mend it; what is in the vault stays locked meanwhile.
 *
 * With `protection` it is neither deleted nor replaced, and stays with its key, its policy and its lock when the stack
 * goes. Without, AWS still refuses to delete one that has a snapshot in it. No change of it is ignored.
 */
export class BackupVault extends pulumi.ComponentResource {
  /** Of the vault, known before it is made. */
  readonly vault: string;
  readonly arn: string;
  /** What copies of the server's own backups are encrypted with as well. */
  readonly key: aws.kms.Key;

  constructor(name: string, args: BackupVaultArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:BackupVault", name, {}, opts);
    const { platform, place, rules, compliance } = args;
    const { names } = place;
    const { protection } = platform;
    const lock = vaultLock(rules);
    const kept = { ...platform.inside(this, place), retainOnDelete: protection };
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
      platform.inside(this, place),
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
        minRetentionDays: lock.least,
        maxRetentionDays: lock.most,
        // In governance mode the lock itself can be taken away, by whoever is allowed to.
        ...(compliance ? { changeableForDays: GRACE } : {}),
      },
      kept,
    );
    this.registerOutputs({ vault: this.vault });
  }
}
