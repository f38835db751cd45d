import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { backupRules } from "./plan/vault-plan";
import { arn } from "../plan/aws-names";
import type { AwsSettings, AwsStack } from "../plan/rds-stack";
import type { RdsServer } from "../database/rds-server";
import type { AwsPlatform } from "../platform/aws-platform";
import type { Place } from "../platform/places";
import { Archive } from "./archive";
import { planSnapshots } from "./backup-plan";
import { BackupVault } from "./backup-vault";

export interface AwsBackupsArgs extends Pick<AwsStack, "backups" | "clients" | "database"> {
  readonly platform: AwsPlatform;
  readonly aws: AwsSettings;
}

/** Where backups of the stack go on AWS: a bucket for databases on Kubernetes, vaults for the server on RDS. */
export class AwsBackups extends pulumi.ComponentResource {
  /** What databases on Kubernetes wait for; unset where somebody else made their bucket. */
  readonly archive?: Archive;
  /** Name of the main region's vault; unset where no snapshots of a server go to it first. */
  readonly vault?: string;

  readonly #args: AwsBackupsArgs;
  readonly #name: string;
  /** In the second region. */
  readonly #away?: BackupVault;

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
      const vault = (each: string, place: Place) =>
        new BackupVault(each, { platform, place, rules, compliance }, { parent: this });
      const near = vault(`${name}-vault`, platform.main);
      const away = copyTo && vault(`${name}-vault-copy`, copyTo);
      if (away) this.#away = away;
      // A replica of the second region may have been promoted: snapshots are planned where the server is that is written to.
      const moved = database.rds.promoted === "second-region" && away && copyTo;
      const to = moved
        ? { place: copyTo, vault: away, copyTo: near }
        : { place: platform.main, vault: near, ...(away ? { copyTo: away } : {}) };
      planSnapshots(`${name}-plan`, { platform, rules, ...to }, this);
      if (!moved) this.vault = near.vault;
    }
    this.registerOutputs({});
  }

  /**
   * Copies a server's own backups, snapshots and log, to the second region, where there is one for that: from there it
   * can be restored to any point in time but the last minutes. What was copied stays for its days when the copying ends.
   * @param server of the main region
   */
  copyServer({ identifier, instance }: Pick<RdsServer, "identifier" | "instance">): void {
    const { platform, backups } = this.#args;
    const place = this.#copyTo();
    if (!place || !this.#away) return;
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
        kmsKeyId: this.#away.key.arn,
        retentionPeriod: backups.retentionDays,
      },
      // The server has to be there, and to have backups.
      { ...platform.inside(copy, place), dependsOn: [instance] },
    );
  }

  #copyTo(): Place | undefined {
    const { platform, aws: own } = this.#args;
    return own.secondRegion?.backups ? platform.second : undefined;
  }
}
