import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { backupRules } from "./plan/vault-plan";
import { arn } from "../plan/aws-names";
import type { AwsSettings, AwsStack } from "../plan/rds-stack";
import type { RdsServer } from "../database/rds-server";
import type { AwsPlatform } from "../platform/aws-platform";
import type { StackRegion } from "../platform/stack-regions";
import { Archive } from "./archive";
import { planSnapshots } from "./backup-plan";
import { BackupVault } from "./backup-vault";

export interface AwsBackupsArgs extends Pick<AwsStack, "backups" | "clients" | "database"> {
  readonly platform: AwsPlatform;
  readonly aws: AwsSettings;
}

/** Backups of the stack on AWS: a bucket for databases on Kubernetes, vaults for the server on RDS. */
export class AwsBackups extends pulumi.ComponentResource {
  /** Bucket that databases on Kubernetes depend on; unset when the stack does not manage it. */
  readonly archive?: Archive;
  /** Name of the main region's vault; unset when snapshots are not taken in the main region. */
  readonly vault?: string;

  readonly #args: AwsBackupsArgs;
  readonly #name: string;
  /** Vault in the second region. */
  readonly #copyVault?: BackupVault;

  constructor(name: string, args: AwsBackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:AwsBackups", name, {}, opts);
    this.#args = args;
    this.#name = name;
    const { platform, aws: own, backups, clients, database } = args;
    const { bucket } = backups;
    const copyTo = this.#copyTo();
    const copied = copyTo ? { copyTo } : {};
    if (bucket?.managed) {
      this.archive = new Archive(
        `${name}-archive`,
        { platform, aws: own, backups: { ...backups, bucket }, clients, ...copied },
        { parent: this },
      );
    }
    if (database) {
      const rules = backupRules(backups, database);
      const compliance = bucket?.lock.mode === "compliance";
      const vault = (each: string, place: StackRegion) =>
        new BackupVault(
          each,
          { platform, stackRegion: place, rules, compliance },
          { parent: this },
        );
      const mainVault = vault(`${name}-vault`, platform.main);
      const copyVault = copyTo && vault(`${name}-vault-copy`, copyTo);
      if (copyVault) this.#copyVault = copyVault;
      // Snapshots are taken in the writer's region, which is the second one after a promotion there.
      const writerInSecondRegion = database.rds.promoted === "second-region" && copyVault && copyTo;
      const to = writerInSecondRegion
        ? { stackRegion: copyTo, vault: copyVault, copyTo: mainVault }
        : {
            stackRegion: platform.main,
            vault: mainVault,
            ...(copyVault ? { copyTo: copyVault } : {}),
          };
      planSnapshots(`${name}-plan`, { platform, rules, ...to }, this);
      if (!writerInSecondRegion) this.vault = mainVault.vault;
    }
    this.registerOutputs({});
  }

  /**
   * Replicates a server's automated backups, snapshots and WAL, to the second region if the settings ask for it. It can
   * be restored there to any point in time except the last minutes. When replication ends, copies stay for their
   * retention.
   * @param server server of the main region
   */
  copyServer({ identifier, instance }: Pick<RdsServer, "identifier" | "instance">): void {
    const { platform, backups } = this.#args;
    const place = this.#copyTo();
    if (!place || !this.#copyVault) return;
    const name = `${this.#name}-copy-${identifier}`;
    const copy = new pulumi.ComponentResource(
      "sark:aws:ServerBackupsCopy",
      name,
      {},
      { parent: this },
    );
    new aws.rds.InstanceAutomatedBackupsReplication(
      name,
      {
        sourceDbInstanceArn: arn(platform.names, "rds", `db:${identifier}`),
        kmsKeyId: this.#copyVault.key.arn,
        retentionPeriod: backups.retentionDays,
      },
      // The server must exist and have backups.
      { ...platform.optionsIn(copy, place), dependsOn: [instance] },
    );
  }

  #copyTo(): StackRegion | undefined {
    const { platform, aws: own } = this.#args;
    return own.secondRegion?.backups ? platform.second : undefined;
  }
}
