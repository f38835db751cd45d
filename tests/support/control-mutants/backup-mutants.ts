import { REMOVED, input, option, policy, changeEach, named, mutantsOfType } from "./mutant";

export const backupMutants = [
  ...mutantsOfType("backup/vault", [
    ["Backup.1", "is encrypted with AWS's key", input("kmsKeyArn", undefined)],
    ["deletion", "is deleted with its content", input("forceDestroy", true)],
    ["deletion", "is deleted by Pulumi", option("protect", false)],
    ["deletion", "is deleted with the stack", option("retainOnDelete", false)],
  ]),
  ...mutantsOfType("backup/vaultPolicy", [
    [
      "Backup.1",
      "lets backups be deleted",
      policy((all) =>
        all.map((one) => ({ ...one, Action: "backup:UpdateRecoveryPointLifecycle" })),
      ),
    ],
    [
      "Backup.1",
      "lets one role delete",
      policy((all) =>
        all.map((one) => ({
          ...one,
          Condition: { ArnNotLike: { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/some" } },
        })),
      ),
    ],
    [
      "Backup.1",
      "allows deletions",
      policy((all) => all.map((one) => ({ ...one, Effect: "Allow" }))),
    ],
    ["Backup.1", "is missing", REMOVED],
    ["deletion", "is deleted while its vault stays", option("retainOnDelete", false)],
  ]),
  ...mutantsOfType("backup/vaultLockConfiguration", [
    ["CKV_AWS_166", "accepts a retention of one day", input("minRetentionDays", 1)],
    ["CKV_AWS_166", "accepts any retention", input("minRetentionDays", undefined)],
    ["CKV_AWS_166", "is missing", REMOVED],
  ]),
  ...mutantsOfType(
    "backup/vaultLockConfiguration",
    [["CKV_AWS_166", "refuses the plan's longest backups", input("maxRetentionDays", 30)]],
    named(/^backups-vault-lock$/),
  ),
  ...mutantsOfType("backup/plan", [
    [
      "RDS.26",
      "has monthly backups only",
      changeEach("rules", (rule) => ({ ...rule, schedule: "cron(0 4 1 * ? *)" })),
    ],
    [
      "RDS.26",
      "is for another vault",
      changeEach("rules", (rule) => ({ ...rule, targetVaultName: "Default" })),
    ],
    [
      "CKV_AWS_166",
      "keeps backups for a day",
      changeEach("rules", (rule) => ({ ...rule, lifecycle: { deleteAfter: 1 } })),
    ],
    ["Backup.2", "makes no copies", changeEach("rules", (rule) => ({ ...rule, copyActions: [] }))],
    ["RDS.26", "is missing", REMOVED],
  ]),
  ...mutantsOfType("backup/selection", [
    [
      "RDS.26",
      "selects something else",
      changeEach("selectionTags", (tag) => ({ ...tag, value: "another" })),
    ],
    ["RDS.26", "has no role for its selection", input("iamRoleArn", undefined)],
    ["RDS.26", "is missing", REMOVED],
  ]),
  ...mutantsOfType("rds/instanceAutomatedBackupsReplication", [
    ["RDS.3", "is encrypted with RDS's own key", input("kmsKeyId", undefined)],
    ["RDS.11", "is kept for a day", input("retentionPeriod", 1)],
    [
      "RDS.11",
      "belongs to another server",
      input("sourceDbInstanceArn", "arn:aws:rds:eu-central-1:111122223333:db:other"),
    ],
  ]),
];
