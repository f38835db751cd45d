import { compact } from "../../../text/present";
import type { Problem } from "../../../text/problem";
import type { ServerPlan } from "../../plan/server-plan";
import { settingKey } from "../../../settings/plan/setting-key";
import { formatMegabytes } from "../../../parameters/formulas/bytes";
import { settingsGroup } from "../../../settings/plan/database-settings";
import { walNeed, walVolumeSize } from "./wal-volume";

/** Finds volumes that WAL would fill, and WAL limits that the operator rejects. */
export function storageProblems(plan: ServerPlan): readonly Problem[] {
  const { max, min, kept, total } = walNeed(plan);
  const name = settingsGroup(plan.database);
  const data = plan.size.storage.size;
  const wal = walVolumeSize(plan);
  const parts =
    total === 2 * max
      ? `twice max_wal_size ${formatMegabytes(max)}`
      : `max_wal_size ${formatMegabytes(max)} + ${formatMegabytes(kept)} kept for stand-bys`;
  return compact<Problem>(
    data < 2 * max && {
      key: settingKey([name, "size", "storage", "size"]),
      value: formatMegabytes(data),
      allowed: `at least ${formatMegabytes(2 * max)}, or a smaller max_wal_size`,
      why: `up to 2 x max_wal_size ${formatMegabytes(max)} of changes may reach it between checkpoints, and a full volume stops the server`,
    },
    wal < total && {
      key: settingKey([name, "size", "storage", "wal"]),
      value: formatMegabytes(wal),
      allowed: `at least ${formatMegabytes(total)}, or smaller parameters`,
      why: `WAL may take ${parts}, and a full volume stops the server`,
    },
    min >= max && {
      key: settingKey([name, "parameters", "min_wal_size"]),
      value: formatMegabytes(min),
      allowed: `less than max_wal_size (${formatMegabytes(max)})`,
      why: "the operator rejects min_wal_size at or above max_wal_size",
    },
  );
}
