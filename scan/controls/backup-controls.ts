import { deniesAll, statementsOf } from "./policy";
import { type Rules, ofType } from "./control";
import { isWithin, isWriter, is, ownKey, isProtectedAndKept, backupDays } from "./checks";
import { type ResourceView, field } from "./resource-view";

const VAULT = "backup/vault";

export const backupRules: readonly Rules[] = [
  ofType(VAULT, [
    ["Backup.1", "encrypted with a key of the stack", ownKey("kmsKeyArn")],
    [
      "Backup.1",
      "a policy that denies deletion to everybody",
      (vault) =>
        statementsOf(
          vault.referrers("backup/vaultPolicy", "backupVaultName")[0]?.value("policy"),
        ).some(
          (each) =>
            deniesAll(each, [
              "backup:DeleteRecoveryPoint",
              "backup:UpdateRecoveryPointLifecycle",
            ]) && each.resources.join() === "*",
        ),
    ],
    [
      "CKV_AWS_166",
      "a lock with a minimum retention of at least the backup retention",
      (vault) => (lockOf(vault)?.number("minRetentionDays") ?? 0) >= backupDays(vault),
    ],
    ["deletion", "no forced deletion with its content", is("forceDestroy", false)],
    ["deletion", "protected, and kept when the stack goes", isProtectedAndKept],
    [
      "deletion",
      "its policy and lock kept with it",
      (vault) =>
        ["backup/vaultPolicy", "backup/vaultLockConfiguration"]
          .flatMap((type) => vault.referrers(type, "backupVaultName"))
          .every(({ options }) => options.retainOnDelete),
    ],
  ]),
  ofType("backup/plan", [
    [
      "RDS.26",
      "daily backups, into a vault of the stack",
      (plan) =>
        plan
          .list("rules")
          .some((rule) => /^cron\(\d+ \d+ \? \* \* \*\)$/.test(String(field(rule, "schedule")))) &&
        plan.list("rules").every((rule) => vaultOf(plan, rule) !== undefined),
    ],
    [
      "CKV_AWS_166",
      "a retention within the limits of the vault's lock",
      (plan) => plan.list("rules").every((rule) => isKept(plan, rule)),
    ],
    [
      "Backup.2",
      "a copy of each backup in the second region, if there is one",
      (plan) =>
        plan.plan.of("provider").length < 2 ||
        plan.list("rules").every((rule) => isCopied(plan, rule)),
    ],
    [
      "RDS.26",
      "a selection of servers, with a role",
      (plan) =>
        plan
          .referrers("backup/selection", "planId")
          .some((each) => each.refers("iamRoleArn", "iam/role")),
    ],
  ]),
  ofType("rds/instanceAutomatedBackupsReplication", [
    ["RDS.3", "encrypted with a key in its region", ownKey("kmsKeyId")],
    [
      "RDS.11",
      "kept as long as the server's own",
      (copy) => copy.number("retentionPeriod") >= backupDays(copy),
    ],
    [
      "RDS.11",
      "of a primary, in another region",
      (copy) => {
        const server = copy.target("sourceDbInstanceArn", "rds/instance");
        return server !== undefined && isWriter(server) && !server.isInSameRegion(copy);
      },
    ],
  ]),
];

function lockOf(vault: ResourceView): ResourceView | undefined {
  return vault.referrers("backup/vaultLockConfiguration", "backupVaultName")[0];
}

function vaultOf(plan: ResourceView, rule: unknown): ResourceView | undefined {
  const name = field(rule, "targetVaultName");
  return plan.plan.of(VAULT).find((each) => each.is("name", name) && each.isInSameRegion(plan));
}

function isKept(plan: ResourceView, rule: unknown): boolean {
  const vault = vaultOf(plan, rule);
  const lock = vault && lockOf(vault);
  const days = Number(field(rule, "lifecycle.deleteAfter"));
  return (
    lock !== undefined &&
    isWithin(days, lock.number("minRetentionDays"), lock.number("maxRetentionDays"))
  );
}

function isCopied(plan: ResourceView, rule: unknown): boolean {
  const actions: unknown = field(rule, "copyActions");
  return (
    Array.isArray(actions) &&
    actions.some((action) =>
      plan.plan
        .of(VAULT)
        .some(
          (each) =>
            !each.isInSameRegion(plan) &&
            each.isNamedBy(field(action, "destinationVaultArn"), plan),
        ),
    )
  );
}
