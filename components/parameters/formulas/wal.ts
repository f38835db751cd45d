import { GB, MB, clamp, floorTo } from "./bytes";
import type { TuningInput } from "./tuning-input";

/** Sizes of the write-ahead log, in bytes. */
export interface WalPlan {
  readonly max: number;
  readonly min: number;
  /** What an absent replica may hold back; past it, the replica must be made anew. */
  readonly slotKeep: number;
}

const segment = 16 * MB;

/** Smallest volumes that the shares below make sense on. */
export const smallestStorage = 1 * GB;
export const smallestWalStorage = 512 * MB;

/** Divides the volume so that neither the checkpoints' WAL nor that of a slot fills the disk. */
export function planWal(input: TuningInput): WalPlan {
  const memory = input.memory - (input.reservedMemory ?? 0);
  const space = walSpace(input);
  const wanted = clamp(memory / 2, 1 * GB, 16 * GB);
  const max = floorTo(segment, space === undefined ? wanted : Math.min(wanted, space / 3));
  return {
    max,
    min: Math.max(2 * segment, floorTo(segment, max / 4)),
    slotKeep: space === undefined ? 4 * max : floorTo(segment, (space * 2) / 3),
  };
}

/** Bytes that WAL may take; `undefined` where no size is known. */
function walSpace({ storageSize, walStorageSize }: TuningInput): number | undefined {
  if (walStorageSize !== undefined) return (walStorageSize * 4) / 5;
  return storageSize === undefined ? undefined : storageSize / 5;
}
