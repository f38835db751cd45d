import type { ServerPlan } from "../../plan/server-plan";
import { planWal } from "../../../parameters/formulas/machine-plan";
import { parameterNumber } from "../../../parameters/parameter-number";

const GiB = 2 ** 30;
/** More memory than any server has, so that the WAL planned for it is the maximum for its storage. */
const ANY_MEMORY = 2 ** 50;
/** The operator's default of `wal_keep_size`. */
const WAL_KEEP = 512 * 2 ** 20;
/** PostgreSQL's defaults, if the parameters do not set them. */
const DEFAULTS = { max: GiB, min: 80 * 2 ** 20 };

/** Space that WAL may take, in bytes, by a server's parameters, including user-set ones. */
export function walNeed({ parameters }: Pick<ServerPlan, "parameters">) {
  const max = parameterNumber(parameters, "max_wal_size", DEFAULTS.max);
  const slots = parameterNumber(parameters, "max_slot_wal_keep_size", -1);
  // Without a limit no volume is large enough; like planWal(), count four times max_wal_size.
  const held = slots < 0 ? 4 * max : slots;
  const kept = Math.max(held, parameterNumber(parameters, "wal_keep_size", WAL_KEEP));
  const min = parameterNumber(parameters, "min_wal_size", DEFAULTS.min);
  return {
    max,
    min,
    /** Kept for stand-bys: the larger of `max_slot_wal_keep_size` and `wal_keep_size`. */
    kept,
    /** The sum of both, at least twice `max_wal_size`, which is a soft limit. */
    total: Math.max(max + kept, 2 * max),
  };
}

/**
 * Size of the WAL volume in bytes: the setting `storage.wal`, or computed in whole GiB so that the possible WAL
 * (max_wal_size between two checkpoints, plus what is kept for stand-bys: PostgreSQL, "WAL Configuration") fills four
 * fifths of it. It depends on the data volume's size and not on memory, since the operator lets volumes grow but not
 * shrink.
 */
export function walVolumeSize({
  parameters,
  size,
}: Pick<ServerPlan, "parameters" | "size">): number {
  const { vcpus, storage } = size;
  if (storage.wal !== undefined) return storage.wal;
  const largest = planWal({
    memory: ANY_MEMORY,
    vcpus,
    storage: storage.kind,
    storageSize: storage.size,
    workload: "oltp",
    maxConnections: 1,
    majorVersion: 18,
  });
  const need = Math.max(walNeed({ parameters }).total, largest.max + largest.slotKeep);
  return Math.ceil((need * 5) / 4 / GiB) * GiB;
}

/**
 * Size in bytes of the volume of a restore drill: the server's data, and as much WAL as its own WAL volume holds. WAL
 * since the newest base backup has to fit, so backups without a long gap between them need no more.
 */
export function drillVolumeSize(plan: ServerPlan): number {
  return plan.size.storage.size + walVolumeSize(plan);
}
