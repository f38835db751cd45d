import type { ApplicationTier } from "../../../../connections/plan/application-tiers";
import { present } from "../../../../text/present";
import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/setting-key";
import { completeSize } from "../../../../settings/plan/database-settings";
import type { RdsSpec } from "../../plan/rds-stack";
import { type InstanceClass, primaryClass } from "./instance-classes";

const GiB = 2 ** 30;

/**
 * What RDS for PostgreSQL makes of a gp3 volume. From the threshold on it is four volumes side by side, and only then
 * its speed can be chosen. RDS user guide, "gp3 storage"; the figures in GiB, operations and MiB a second.
 */
export const GP3 = {
  size: { least: 20, most: 65_536 },
  threshold: 400,
  below: { iops: 3000, throughput: 125 },
  iops: { least: 12_000, most: 64_000 },
  throughput: { least: 500, most: 4000 },
  /** MiB a second for each operation a second, at most. */
  ratio: 0.25,
  /** The bound of autoscaling is at least this much above the size. */
  growth: 1.1,
} as const;

/**
 * The guide's transactions a second: each tier's own upper end of its requests; the last one has none, and is counted
 * as twice the one before, which is twice the guide's goal of 1,000.
 */
const TRANSACTIONS: Readonly<Record<ApplicationTier, number>> = {
  low: 100,
  medium: 500,
  high: 1000,
  "very-high": 2000,
};

/**
 * Operations on the volume for a transaction, at its worst: one that makes its log last, three pages read that are in no
 * cache, and four pages (a row's and those of its indexes) that a checkpoint writes.
 */
const PER_TRANSACTION = 8;
/** MiB that an operation moves on average: 32 KiB, between a page and the largest that PostgreSQL joins (128 KiB). */
const PER_OPERATION = 32 / 1024;

/** A server's volume, as RDS is asked for it. Sizes in GiB. */
export interface Volume {
  readonly allocated: number;
  /** Up to which RDS enlarges it by itself; undefined where it is too near to the largest that there is. */
  readonly maximum: number | undefined;
  /** Operations a second; undefined below the threshold, where RDS refuses any figure. */
  readonly iops: number | undefined;
  /** MiB a second; undefined below the threshold. */
  readonly throughput: number | undefined;
}

type GivenStorage = RdsSpec["rds"]["storage"];

/** The volume of sark on RDS: as the settings say, or computed from the tier, the size and the class. */
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

/** Storage that RDS does not make, or that the class would never reach. */
export function storageProblems(database: RdsSpec, tier: ApplicationTier): readonly Problem[] {
  const { storage } = database.rds;
  const { allocated, iops } = volume(database, tier);
  const own = (name: string) => settingKey(["sark", "rds", "storage", name]);
  const given = (["iops", "throughput"] as const).flatMap((name) => {
    const value = storage[name];
    return value === undefined ? [] : [{ name, value }];
  });
  const small = allocated < GP3.threshold;
  return [
    ...sizeProblems(storage, allocated),
    ...given.flatMap(({ name, value }) =>
      small
        ? [
            {
              key: own(name),
              value,
              allowed: `nothing below ${GP3.threshold}GiB, and size.storage.size is ${allocated}GiB`,
              why: `such a volume has ${GP3.below[name]} and RDS refuses another figure`,
            },
          ]
        : speedProblems(primaryClass(database), name, value, own(name)),
    ),
    ...(!small && storage.throughput !== undefined && iops !== undefined
      ? ratioProblems(storage.throughput, iops, own("throughput"))
      : []),
  ];
}

function neededIops(tier: ApplicationTier, machine: InstanceClass | undefined): number {
  const wanted = TRANSACTIONS[tier] * PER_TRANSACTION;
  const most = Math.min(GP3.iops.most, machine?.iops.sustained ?? GP3.iops.most);
  // The least costs nothing, so a class that keeps up less still gets it.
  return Math.max(GP3.iops.least, Math.min(wanted, most));
}

function neededThroughput(iops: number, machine: InstanceClass | undefined): number {
  const most = Math.min(
    GP3.throughput.most,
    iops * GP3.ratio,
    machine?.throughput.sustained ?? GP3.throughput.most,
  );
  return Math.max(GP3.throughput.least, Math.floor(Math.min(iops * PER_OPERATION, most)));
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
  return present<Problem>(
    (allocated < least || allocated > most) && {
      key: settingKey(["sark", "size", "storage", "size"]),
      value: `${allocated}GiB`,
      allowed: `${least}GiB to ${most / 1024}TiB`,
      why: "RDS makes no gp3 volume of another size",
    },
    bound !== undefined &&
      (bound < lowest || bound > most) && {
        key: settingKey(["sark", "rds", "storage", "maximum"]),
        value: `${bound}GiB`,
        allowed: `${lowest}GiB to ${most / 1024}TiB`,
        why: `RDS enlarges a volume by a tenth or more, and this one has ${allocated}GiB`,
      },
  );
}

function speedProblems(
  machine: InstanceClass | undefined,
  name: "iops" | "throughput",
  value: number,
  key: string,
): readonly Problem[] {
  const { least, most } = GP3[name];
  // The least costs nothing, so no class is too small for it.
  const reached = Math.max(least, machine?.[name].burst ?? most);
  if (value < least || value > most) {
    const why = `a gp3 volume from ${GP3.threshold}GiB on has ${least} at least, and ${most} at most`;
    return [{ key, value, allowed: `${least} to ${most}`, why }];
  }
  return present(
    value > reached && {
      key,
      value,
      allowed: `at most ${reached} with ${machine?.name ?? "this class"}`,
      why: "the class itself reaches no more, so it would be paid and never used",
    },
  );
}

function ratioProblems(throughput: number, iops: number, key: string): readonly Problem[] {
  const most = Math.floor(iops * GP3.ratio);
  if (throughput <= most) return [];
  const why = `RDS allows a quarter of a MiB for each operation, and there are ${iops}`;
  return [{ key, value: throughput, allowed: `at most ${most}`, why }];
}
