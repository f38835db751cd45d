import { present } from "../../../text/present";
import type { Problem } from "../../../text/problem";
import type { ServerPlan } from "../../plan/server-plan";
import { settingKey } from "../../../settings/plan/setting-key";
import { inMegabytes } from "../../../parameters/formulas/bytes";
import { settingsName } from "../../../settings/plan/database-settings";
import { walNeed, walVolumeSize } from "./wal-volume";

/** Finds volumes that WAL would fill, and WAL limits that the operator rejects. */
export function storageProblems(plan: ServerPlan): readonly Problem[] {
  const { max, min, kept, total } = walNeed(plan);
  const name = settingsName(plan.database);
  const data = plan.size.storage.size;
  const wal = walVolumeSize(plan);
  const parts =
    total === 2 * max
      ? `twice max_wal_size ${inMegabytes(max)}`
      : `max_wal_size ${inMegabytes(max)} + ${inMegabytes(kept)} kept for stand-bys`;
  return present<Problem>(
    data < 2 * max && {
      key: settingKey([name, "size", "storage", "size"]),
      value: inMegabytes(data),
      allowed: `at least ${inMegabytes(2 * max)}, or a smaller max_wal_size`,
      why: `up to 2 x max_wal_size ${inMegabytes(max)} of changes may reach it between checkpoints, and a full volume stops the server`,
    },
    wal < total && {
      key: settingKey([name, "size", "storage", "wal"]),
      value: inMegabytes(wal),
      allowed: `at least ${inMegabytes(total)}, or smaller parameters`,
      why: `WAL may take ${parts}, and a full volume stops the server`,
    },
    min >= max && {
      key: settingKey([name, "parameters", "min_wal_size"]),
      value: inMegabytes(min),
      allowed: `less than max_wal_size (${inMegabytes(max)})`,
      why: "the operator rejects min_wal_size at or above max_wal_size",
    },
  );
}
