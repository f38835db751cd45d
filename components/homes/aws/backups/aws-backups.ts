import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { managesBucket } from "./plan/backup-accounts";
import { arn } from "../plan/aws-names";
import type { RdsServer } from "../database/rds-server";
import type { AwsPlatform } from "../platform/aws-platform";
import type { Place } from "../platform/places";
import { Archive } from "./archive";
import { planSnapshots } from "./backup-plan";
import { BackupVault } from "./backup-vault";

/** Where backups of the stack go on AWS: a bucket for databases on Kubernetes, vaults for the server on RDS. */
export class AwsBackups extends pulumi.ComponentResource {
  /** What databases on Kubernetes wait for; unset where somebody else made their bucket. */
  readonly archive?: Archive;
  /** Name of the main region's vault; unset where no snapshots of a server go to it first. */
  readonly vault?: string;

  readonly #platform: AwsPlatform;
  readonly #name: string;
  /** In the second region. */
  readonly #away?: BackupVault;

  constructor(name: string, platform: AwsPlatform, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:AwsBackups", name, {}, opts);
    this.#platform = platform;
    this.#name = name;
    const { settings } = platform;
    const { bucket } = settings.backups;
    const copyTo = this.#copyTo();
    if (bucket && managesBucket(settings)) {
      this.archive = new Archive(
        `${name}-archive`,
        { platform, settings: bucket, ...(copyTo ? { copyTo } : {}) },
        { parent: this },
      );
    }
    if (settings.sark.home === "aws") {
      const near = this.#vault(`${name}-vault`, platform.main);
      const away = copyTo && this.#vault(`${name}-vault-copy`, copyTo);
      if (away) this.#away = away;
      if (this.#plan(near, away) === near) this.vault = near.vault;
    }
    this.registerOutputs({});
  }

  /**
   * Copies a server's own backups, snapshots and log, to the second region, where there is one for that: from there it
   * can be restored to any point in time but the last minutes. What was copied stays for its days when the copying ends.
   * @param server of the main region
   */
  copyServer({ identifier, instance }: Pick<RdsServer, "identifier" | "instance">): void {
    const platform = this.#platform;
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
        retentionPeriod: platform.settings.backups.retentionDays,
      },
      // The server has to be there, and to have backups.
      { ...platform.inside(copy, place), dependsOn: [instance] },
    );
  }

  #copyTo(): Place | undefined {
    const { aws: own, second } = this.#platform;
    return own.secondRegion?.backups ? second : undefined;
  }

  #vault(name: string, place: Place): BackupVault {
    return new BackupVault(name, { platform: this.#platform, place }, { parent: this });
  }

  /**
   * Plans the snapshots where the server is that is written to: a replica of the second region may have been promoted.
   * @returns the vault that they go to first
   */
  #plan(near: BackupVault, away: BackupVault | undefined): BackupVault {
    const { settings, main } = this.#platform;
    const second = this.#copyTo();
    const moved = settings.sark.rds.promoted === "second-region" && away && second;
    const [place, vault, copyTo] = moved ? [second, away, near] : [main, near, away];
    planSnapshots(
      `${this.#name}-plan`,
      { platform: this.#platform, place, vault, ...(copyTo ? { copyTo } : {}) },
      this,
    );
    return vault;
  }
}
