import type { BackupPromise } from "../../backups/plan/backup-promise";
import { DATABASES, type DatabaseName } from "../../roles/plan/role-plan";
import { settingKey } from "../../settings/plan/setting-key";
import type { Settings } from "../../settings/plan/settings-stack";
import type { Problem } from "../../text/problem";
import type { ServerPlans } from "./home";
import { homeOf } from "./registry";
import type { ServerPlan } from "./server-plan";

/** What the backups of a database promise; undefined without backups, null if they are not the stack's. */
export function backupPromise(
  settings: Settings,
  database: DatabaseName,
  plan: ServerPlan,
): BackupPromise | null | undefined {
  const kept = homeOf(settings, database).backupsOf?.(settings, database, plan);
  return kept && { ...kept, restoreMinutes: settings.backups.recoveryTime };
}

/** Databases whose backups cannot keep the required recovery point. */
export function recoveryPointProblems(
  settings: Settings,
  servers: ServerPlans,
): readonly Problem[] {
  const wanted = settings.backups.recoveryPoint;
  if (wanted === undefined) return [];
  return DATABASES.flatMap((database) => {
    const kept = backupPromise(settings, database, servers[database]);
    if (kept === null) return [];
    const loss = kept?.lossMinutes;
    if (loss !== undefined && loss <= wanted) return [];
    return [
      {
        key: settingKey(["backups", "recoveryPoint"]),
        value: wanted,
        allowed: loss === undefined ? `unset with the backups of ${database}` : `at least ${loss}`,
        why: kept?.lossReason ?? `${database} has no backups`,
      },
    ];
  });
}
