/** How S3 looks after the objects of a bucket as they grow old. Pure. */

type StorageClass = "STANDARD" | "STANDARD_IA" | "GLACIER_IR";

/** From some day of an object's life on it lies in another class. */
interface Transition {
  /** Since the object was made. */
  readonly days: number;
  readonly storageClass: Exclude<StorageClass, "STANDARD">;
}

/** A rule as S3 takes it. */
export interface LifecycleRule {
  readonly id: string;
  readonly status: "Enabled";
  readonly filter: { readonly prefix: string } | { readonly objectSizeGreaterThan: number };
  readonly transitions?: readonly Transition[];
  readonly expiration?: { readonly days: number } | { readonly expiredObjectDeleteMarker: true };
  readonly noncurrentVersionExpiration?: { readonly noncurrentDays: number };
  readonly abortIncompleteMultipartUpload?: { readonly daysAfterInitiation: number };
}

/** How long objects are kept. Days. */
export interface Keeping {
  /** Within which a restore is to be expected; reading is free in the standard class alone. */
  readonly readDays: number;
  /** After which an object is marked as deleted. */
  readonly keptDays: number;
  /** After which a version that is no longer the current one is gone. */
  readonly noncurrentDays: number;
}

interface Prices {
  /** Dollars for a GiB and a month of 30 days. */
  readonly month: number;
  /** Dollars for bringing one object here. */
  readonly transition: number;
  /** Days that are paid for, however soon an object leaves. */
  readonly leastDays: number;
}

/**
 * What S3 costs in us-east-1 (https://aws.amazon.com/s3/pricing, August 2026). Other regions are dearer by much the same
 * part everywhere, which leaves the comparison as it is. All of these answer a read within milliseconds; the classes
 * below them would be cheaper, and a restore would wait for hours.
 */
export const PRICES: Readonly<Record<StorageClass, Prices>> = {
  STANDARD: { month: 0.023, transition: 0, leastDays: 0 },
  STANDARD_IA: { month: 0.0125, transition: 0.01 / 1000, leastDays: 30 },
  GLACIER_IR: { month: 0.004, transition: 0.02 / 1000, leastDays: 90 },
};

/** S3 takes an object to STANDARD_IA after 30 days at the earliest, and on from there after 30 more. */
const EARLIEST = 30;
/** Bytes that an object is paid as at least in both of the colder classes. */
const LEAST_SIZE = 128 * 1024;
/** Days after which the parts of an upload that never ended are deleted; none takes longer than one. */
const UNFINISHED = 7;
const GiB = 2 ** 30;

/** Rules of a bucket that backups are kept in: colder step by step where that saves money, then gone. */
export function archiveLifecycle(keeping: Keeping): readonly LifecycleRule[] {
  const { keptDays, noncurrentDays } = keeping;
  const steps = transitions(keeping);
  return [
    ...(steps.length === 0
      ? []
      : [
          {
            id: "colder",
            status: "Enabled" as const,
            filter: { objectSizeGreaterThan: worthMoving(steps, keptDays + noncurrentDays) },
            transitions: steps,
          },
        ]),
    ...expiry({ keptDays, noncurrentDays }),
  ];
}

/** Rules of a bucket that is only written: objects as they are, then gone. */
export function expiry({
  keptDays,
  noncurrentDays,
}: Pick<Keeping, "keptDays" | "noncurrentDays">): readonly LifecycleRule[] {
  const all = { prefix: "" };
  return [
    {
      id: "expiry",
      status: "Enabled",
      filter: all,
      expiration: { days: keptDays },
      noncurrentVersionExpiration: { noncurrentDays },
    },
    {
      // A rule of its own: S3 does not take it together with a number of days.
      id: "leftovers",
      status: "Enabled",
      filter: all,
      expiration: { expiredObjectDeleteMarker: true },
      abortIncompleteMultipartUpload: { daysAfterInitiation: UNFINISHED },
    },
  ];
}

/** The classes that an object has time for: one that is left sooner than its least days is paid for to their end. */
function transitions({ readDays, keptDays, noncurrentDays }: Keeping): readonly Transition[] {
  const infrequent = Math.max(EARLIEST, readDays);
  const glacier = infrequent + EARLIEST;
  const end = keptDays + noncurrentDays;
  const fits = (day: number, { leastDays }: Prices) => day < keptDays && day + leastDays <= end;
  return [
    ...(fits(infrequent, PRICES.STANDARD_IA)
      ? [{ days: infrequent, storageClass: "STANDARD_IA" } as const]
      : []),
    ...(fits(glacier, PRICES.GLACIER_IR)
      ? [{ days: glacier, storageClass: "GLACIER_IR" } as const]
      : []),
  ];
}

/**
 * Size in bytes above which each step saves more than it costs. A step is paid by the object and saves by the byte, so
 * a segment of an idle server's log, of a few kilobytes, stays where it is.
 * @param end day on which the last version is gone
 */
function worthMoving(steps: readonly Transition[], end: number): number {
  const sizes = steps.map(({ days, storageClass }, index) => {
    const before = PRICES[steps[index - 1]?.storageClass ?? "STANDARD"];
    const { month, transition } = PRICES[storageClass];
    const months = ((steps[index + 1]?.days ?? end) - days) / 30;
    return (transition / ((before.month - month) * months)) * GiB;
  });
  return Math.ceil(Math.max(LEAST_SIZE, ...sizes));
}
