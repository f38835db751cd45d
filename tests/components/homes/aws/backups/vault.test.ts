import * as aws from "@pulumi/aws";
import type { AwsPlatform } from "../../../../../components/homes/aws/platform/aws-platform";
import { decide, readPolicy } from "../../../../support/iam";
import { type Built, amazon, backupStack, bucket, built, waitsFor } from "./built-backups";

const servers = (platform: AwsPlatform) => [
  {
    identifier: "sark-prod",
    instance: new aws.rds.Instance(
      "server",
      { instanceClass: "db.m7g.large" },
      { parent: platform },
    ),
  },
];

let production: Built;
beforeAll(async () => {
  production = await built(backupStack(), servers);
});

const VAULTS = ["backups-vault", "backups-vault-copy"];

describe.each(VAULTS)("backup vault %s", (name) => {
  it("is protected, never emptied, and retained with its key, policy and lock", () => {
    expect(production.named(name)).toMatchObject({ protect: true, ignoreChanges: [] });
    expect(production.inputsOf(name)).toMatchObject({ name: "sark-prod", forceDestroy: false });
    for (const part of [name, `${name}-key`, `${name}-policy`, `${name}-lock`]) {
      expect(production.named(part).retainOnDelete).toBe(true);
    }
    expect(production.named(`${name}-key`).protect).toBe(true);
  });

  it("is encrypted with its own key", () => {
    expect(production.inputsOf(name)["kmsKeyArn"]).toBe(`arn of ${name}-key`);
    expect(production.inputsOf(`${name}-key`)).toMatchObject({ enableKeyRotation: true });
  });

  it("refuses to delete snapshots before their retention ends", () => {
    const policy = readPolicy(production.inputsOf(`${name}-policy`)["policy"]);
    const all = { Sid: "All", Effect: "Allow", Action: "*", Resource: "*" } as const;
    const asks = (action: string) =>
      decide([all, ...policy], {
        by: "arn:aws:iam::111122223333:role/administrator",
        action,
        resource: "arn:aws:rds:eu-central-1:111122223333:snapshot:awsbackup:job-1",
      });
    expect(asks("backup:DeleteRecoveryPoint")).toBe("Deny");
    expect(asks("backup:UpdateRecoveryPointLifecycle")).toBe("Deny");
    expect(asks("backup:StartRestoreJob")).toBe("Allow");
    expect(production.inputsOf(`${name}-lock`)).toEqual({
      backupVaultName: "sark-prod",
      minRetentionDays: 30,
      maxRetentionDays: 365,
    });
  });
});

it("backup vaults are locked permanently when the bucket's lock is in compliance mode", async () => {
  const { inputsOf } = await built(backupStack(bucket({ lock: { mode: "compliance" } })));
  expect(VAULTS.map((name) => inputsOf(`${name}-lock`)["changeableForDays"])).toEqual([3, 3]);
});

describe("AWS Backup plan", () => {
  const copies = (vault: string, deleteAfter: number) => [
    { destinationVaultArn: vault, lifecycle: { deleteAfter } },
  ];

  it("takes daily and monthly snapshots, copies them, and leaves continuous backup to RDS", () => {
    const there = "arn:aws:backup:eu-west-1:111122223333:backup-vault:sark-prod";
    expect(production.inputsOf("backups-plan")["rules"]).toEqual(
      [
        { ruleName: "daily", schedule: "cron(0 4 ? * * *)", days: 30 },
        { ruleName: "monthly", schedule: "cron(0 4 1 * ? *)", days: 365 },
      ].map(({ days, ...rule }) => ({
        ...rule,
        targetVaultName: "sark-prod",
        scheduleExpressionTimezone: "Etc/UTC",
        startWindow: 60,
        completionWindow: 720,
        enableContinuousBackup: false,
        lifecycle: { deleteAfter: days },
        copyActions: copies(there, days),
      })),
    );
  });

  it("is created after the vaults and their locks", () => {
    expect(waitsFor(production.named("backups-plan"))).toEqual(
      expect.arrayContaining(VAULTS.flatMap((name) => [name, `${name}-lock`, `${name}-policy`])),
    );
  });

  it("selects the server by the stack's tag", () => {
    expect(production.inputsOf("backups-plan-selection")).toMatchObject({
      iamRoleArn: "arn of backups-plan-role",
      planId: "backups-plan",
      selectionTags: [{ type: "STRINGEQUALS", key: "backup", value: "sark-prod" }],
    });
  });

  it("uses a role that only AWS Backup of this account assumes, without restore permissions", () => {
    const trust = readPolicy(production.inputsOf("backups-plan-role")["assumeRolePolicy"]);
    const assumes = (by: string, account: string) =>
      decide(trust, {
        by,
        action: "sts:AssumeRole",
        resource: "*",
        context: { "aws:SourceAccount": account },
      });
    expect(assumes("backup.amazonaws.com", "111122223333")).toBe("Allow");
    expect(assumes("backup.amazonaws.com", "444455556666")).toBe("Deny");
    expect(assumes("ec2.amazonaws.com", "111122223333")).toBe("Deny");
    const policies = production.planned.filter(({ name }) => name.startsWith("backups-plan-role-"));
    expect(policies.map(({ inputs }) => inputs["policyArn"])).toEqual([
      "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
    ]);
  });

  it("makes no copies without a second region", async () => {
    const { inputsOf, named, planned } = await built(
      backupStack(amazon({ secondRegion: undefined })),
      servers,
    );
    expect(inputsOf("backups-plan")["rules"]).toMatchObject([
      { copyActions: [] },
      { copyActions: [] },
    ]);
    expect(named("backups-vault").protect).toBe(true);
    expect(planned.filter(({ name }) => name.includes("copy"))).toEqual([]);
  });

  it("moves to the region of the promoted replica, and copies back", async () => {
    const sark = { home: "aws", rds: { promoted: "second-region" } };
    const { inputsOf, named, backups } = await built(backupStack({ sark }));
    expect(named("backups-plan").provider).toContain("::aws-second::");
    expect(inputsOf("backups-plan")["rules"]).toMatchObject([
      {
        copyActions: copies("arn:aws:backup:eu-central-1:111122223333:backup-vault:sark-prod", 30),
      },
      {},
    ]);
    expect(backups.vault).toBeUndefined();
    expect(production.backups.vault).toBe("sark-prod");
  });
});

describe("the server's automated backups", () => {
  it("are replicated to the second region with its key, after the server exists", () => {
    const copy = production.named("backups-copy-sark-prod");
    expect(copy.provider).toContain("::aws-second::");
    expect(waitsFor(copy)).toContain("server");
    expect(copy.inputs).toMatchObject({
      sourceDbInstanceArn: "arn:aws:rds:eu-central-1:111122223333:db:sark-prod",
      retentionPeriod: 30,
      kmsKeyId: "arn of backups-vault-copy-key",
    });
  });
});

it("a stack without a server on RDS has no backup vault", async () => {
  const { planned, backups } = await built(backupStack({ sark: { home: "kubernetes" } }));
  expect(backups.vault).toBeUndefined();
  expect(planned.filter(({ type }) => type.startsWith("aws:backup"))).toEqual([]);
  expect(planned.map(({ name }) => name)).toContain("backups-archive-roles-sark");
});
