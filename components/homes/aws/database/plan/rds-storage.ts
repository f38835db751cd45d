import type { ApplicationTier } from "../../../../connections/plan/application-tiers";
import { compact } from "../../../../text/present";
import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/setting-key";
import { completeSize } from "../../../../settings/plan/database-settings";
import type { RdsSpec } from "../../plan/rds-stack";
import { type InstanceClass, primaryClass } from "./instance-classes";

const GiB = 2 ** 30;

/**
 * Limits of gp3 volumes on RDS for PostgreSQL, in GiB, IOPS and MiB a second. From the threshold on, RDS stripes four
 * volumes, and IOPS and throughput can be chosen. RDS user guide, "gp3 storage".
 */
export const GP3 = {
  size: { least: 20, most: 65_536 },
  threshold: 400,
  below: { iops: 3000, throughput: 125 },
  iops: { least: 12_000, most: 64_000 },
  throughput: { least: 500, most: 4000 },
  /** Maximum throughput in MiB a second for each provisioned IOPS. */
  ratio: 0.25,
  /** The autoscaling limit must be at least this multiple of the size. */
  growth: 1.1,
} as const;

/**
 * Transactions a second of each tier: the upper end of its requests in the guide. The last tier has no upper end, and
 * counts as twice the one before, which is twice the guide's goal of 1,000.
 */
const TRANSACTIONS: Readonly<Record<ApplicationTier, number>> = {
  low: 100,
  medium: 500,
  high: 1000,
  "very-high": 2000,
};

/**
 * I/Os for a transaction in the worst case: one WAL flush, three uncached page reads, and four pages that a checkpoint
 * writes (the row's and those of its indexes).
 */
const IOS_PER_TRANSACTION = 8;
/** Average I/O size in MiB: 32 KiB, between a page and PostgreSQL's largest combined I/O (128 KiB). */
const MIB_PER_IO = 32 / 1024;

/** A server's volume as requested from RDS. Sizes in GiB. */
export interface Volume {
  readonly allocated: number;
  /** Limit of storage autoscaling; undefined when the size is too close to RDS's maximum. */
  readonly maximum: number | undefined;
  /** IOPS; undefined below the threshold, where RDS refuses any value. */
  readonly iops: number | undefined;
  /** MiB a second; undefined below the threshold. */
  readonly throughput: number | undefined;
}

type GivenStorage = RdsSpec["rds"]["storage"];

/** The volume of sark on RDS: from the settings, or computed from tier, size and class. */
export function volume(database: RdsSpec, tier: ApplicationTier): Volume {
  const { storage } = database.rds;
  const allocated = Math.ceil(completeSize(database.size).storage.size / GiB);
  const machine = primaryClass(database);
  const maximum = maximumOf(storage, allocated);
  if (allocated < GP3.threshold) {
    return { allocated, maximum, iops: undefined, throughput: undefined };
  }
  const iops = storage.iops ?? neededIops(tier, machine);
  const throughput = storage.throughput ?? neededThroughput(iops, machine);
  return { allocated, maximum, iops, throughput };
}

/** Problems of storage that RDS refuses, or that exceeds the limits of the class. */
export function storageProblems(database: RdsSpec, tier: ApplicationTier): readonly Problem[] {
  const { storage } = database.rds;
  const { allocated, iops } = volume(database, tier);
  const own = (name: string) => settingKey(["sark", "rds", "storage", name]);
  const given = (["iops", "throughput"] as const).flatMap((name) => {
    const value = storage[name];
    return value === undefined ? [] : [{ name, value }];
  });
  const fixedPerformance = allocated < GP3.threshold;
  return [
    ...sizeProblems(storage, allocated),
    ...given.flatMap(({ name, value }) =>
      fixedPerformance
        ? [
            {
              key: own(name),
              value,
              allowed: `nothing below ${GP3.threshold}GiB (size.storage.size is ${allocated}GiB)`,
              why: `such a volume has ${GP3.below[name]}, and RDS refuses any other value`,
            },
          ]
        : performanceProblems(primaryClass(database), name, value, own(name)),
    ),
    ...(!fixedPerformance && storage.throughput !== undefined && iops !== undefined
      ? ratioProblems(storage.throughput, iops, own("throughput"))
      : []),
  ];
}

function neededIops(tier: ApplicationTier, machine: InstanceClass | undefined): number {
  const wanted = TRANSACTIONS[tier] * IOS_PER_TRANSACTION;
  const most = Math.min(GP3.iops.most, machine?.iops.sustained ?? GP3.iops.most);
  // The minimum is free, so a class with a lower limit still gets it.
  return Math.max(GP3.iops.least, Math.min(wanted, most));
}

function neededThroughput(iops: number, machine: InstanceClass | undefined): number {
  const most = Math.min(
    GP3.throughput.most,
    iops * GP3.ratio,
    machine?.throughput.sustained ?? GP3.throughput.most,
  );
  return Math.max(GP3.throughput.least, Math.floor(Math.min(iops * MIB_PER_IO, most)));
}

/** Twice the size where nothing is said, as far as RDS goes. */
function maximumOf({ maximum }: GivenStorage, allocated: number): number | undefined {
  const chosen =
    maximum === undefined ? Math.min(2 * allocated, GP3.size.most) : Math.ceil(maximum / GiB);
  return maximum === undefined && chosen < allocated * GP3.growth ? undefined : chosen;
}

function sizeProblems({ maximum }: GivenStorage, allocated: number): readonly Problem[] {
  const { least, most } = GP3.size;
  const bound = maximum === undefined ? undefined : Math.ceil(maximum / GiB);
  const lowest = Math.ceil(allocated * GP3.growth);
  return compact<Problem>(
    (allocated < least || allocated > most) && {
      key: settingKey(["sark", "size", "storage", "size"]),
      value: `${allocated}GiB`,
      allowed: `${least}GiB to ${most / 1024}TiB`,
      why: "RDS offers gp3 volumes in this range only",
    },
    bound !== undefined &&
      (bound < lowest || bound > most) && {
        key: settingKey(["sark", "rds", "storage", "maximum"]),
        value: `${bound}GiB`,
        allowed: `${lowest}GiB to ${most / 1024}TiB`,
        why: `the limit must be at least a tenth above the size, ${allocated}GiB`,
      },
  );
}

function performanceProblems(
  machine: InstanceClass | undefined,
  name: "iops" | "throughput",
  value: number,
  key: string,
): readonly Problem[] {
  const { least, most } = GP3[name];
  // The minimum is free, so it is allowed for any class.
  const limit = Math.max(least, machine?.[name].burst ?? most);
  if (value < least || value > most) {
    const why = `RDS's range for gp3 volumes from ${GP3.threshold}GiB on`;
    return [{ key, value, allowed: `${least} to ${most}`, why }];
  }
  return compact(
    value > limit && {
      key,
      value,
      allowed: `at most ${limit} with ${machine?.name ?? "this class"}`,
      why: "the class reaches no more, so the rest would be paid and never used",
    },
  );
}

function ratioProblems(throughput: number, iops: number, key: string): readonly Problem[] {
  const most = Math.floor(iops * GP3.ratio);
  if (throughput <= most) return [];
  const why = `RDS allows a quarter of a MiB a second for each of the ${iops} IOPS`;
  return [{ key, value: throughput, allowed: `at most ${most}`, why }];
}
