import { settingsGroup } from "../../settings/plan/database-settings";
import { settingKey } from "../../settings/plan/setting-key";
import type { DatabaseSettings } from "../../settings/plan/settings-database";
import type { DatabaseName } from "../../roles/plan/role-plan";
import { compact } from "../../text/present";
import type { Problem } from "../../text/problem";

/**
 * Problems of a recovery that could not work in any home.
 * @param store settings with which the home has backups; undefined if it has them
 */
export function recoveryProblems(
  { database, recovery }: Pick<DatabaseSettings, "recovery"> & { readonly database: DatabaseName },
  store: string | undefined,
  now: Date,
): readonly Problem[] {
  if (recovery === undefined) return [];
  const { generation, from, time } = recovery;
  const path = [settingsGroup(database), "recovery"];
  return compact<Problem>(
    store !== undefined && {
      key: settingKey(path),
      value: `generation ${generation}`,
      allowed: `unset, or ${store} set`,
      why: "a recovery needs a backup",
    },
    from !== undefined &&
      from >= generation && {
        key: settingKey([...path, "from"]),
        value: from,
        allowed: `less than generation (${generation})`,
        why: "a server is restored from an earlier one, and writes to its own archive",
      },
    time !== undefined &&
      new Date(time) > now && {
        key: settingKey([...path, "time"]),
        value: time,
        allowed: "a time in the past",
        why: "the archive ends before that time, so the recovery would never finish",
      },
  );
}
