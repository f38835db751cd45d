import type { ServerPlan } from "../../plan/server-plan";
import { planWal } from "../../../parameters/formulas/machine-plan";
import { parameterNumber } from "../../../parameters/parameter-number";

const GiB = 2 ** 30;
/** More memory than any server has: the write-ahead log that is planned for it is the largest for its storage. */
const ANY_MEMORY = 2 ** 50;
/** The operator's default of `wal_keep_size`. */
const WAL_KEEP = 512 * 2 ** 20;
/** PostgreSQL's own defaults, for a set without them. */
const DEFAULTS = { max: GiB, min: 80 * 2 ** 20 };

/** What the write-ahead log may take, in bytes, by a server's parameters, a stack's own among them. */
export function walNeed({ parameters }: Pick<ServerPlan, "parameters">) {
  const max = parameterNumber(parameters, "max_wal_size", DEFAULTS.max);
  const slots = parameterNumber(parameters, "max_slot_wal_keep_size", -1);
  // Without a limit nothing suffices; planWal() then counts with four times the log, and so does this.
  const held = slots < 0 ? 4 * max : slots;
  const kept = Math.max(held, parameterNumber(parameters, "wal_keep_size", WAL_KEEP));
  const min = parameterNumber(parameters, "min_wal_size", DEFAULTS.min);
  return {
    max,
    min,
    /** What is kept behind it for stand-bys: the larger of `max_slot_wal_keep_size` and `wal_keep_size`. */
    kept,
    /** Both together, and at least twice `max_wal_size`, which is no hard limit. */
    total: Math.max(max + kept, 2 * max),
  };
}

/**
 * Size of the volume for the write-ahead log in bytes: the setting `storage.wal`, or what the log may take
 * (max_wal_size between two checkpoints, and behind that what stand-bys hold back: PostgreSQL, "WAL Configuration") in
 * four fifths of it, in whole GiB. It depends on the size of the data volume and not on the memory, since a volume can
 * grow and the operator refuses to shrink one.
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
