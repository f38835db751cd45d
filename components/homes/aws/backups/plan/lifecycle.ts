/** S3 lifecycle rules of the backup buckets. Pure. */

type StorageClass = "STANDARD" | "STANDARD_IA" | "GLACIER_IR";

/** A transition of an object to a colder storage class. */
interface Transition {
  /** Days since the object's creation. */
  readonly days: number;
  readonly storageClass: Exclude<StorageClass, "STANDARD">;
}

/** A lifecycle rule in S3's form. */
export interface LifecycleRule {
  readonly id: string;
  readonly status: "Enabled";
  readonly filter: { readonly prefix: string } | { readonly objectSizeGreaterThan: number };
  readonly transitions?: readonly Transition[];
  readonly expiration?: { readonly days: number } | { readonly expiredObjectDeleteMarker: true };
  readonly noncurrentVersionExpiration?: { readonly noncurrentDays: number };
  readonly abortIncompleteMultipartUpload?: { readonly daysAfterInitiation: number };
}

/** How long objects are kept, in days. */
export interface ObjectRetention {
  /** Days within which a restore is likely; only the standard class has free reads. */
  readonly readDays: number;
  /** Days after which an object gets a delete marker. */
  readonly keptDays: number;
  /** Days after which a noncurrent version is deleted. */
  readonly noncurrentDays: number;
}

interface Prices {
  /** Dollars for a GiB and a month of 30 days. */
  readonly month: number;
  /** Dollars for the transition of one object into the class. */
  readonly transition: number;
  /** Minimum billed days of an object in the class. */
  readonly leastDays: number;
}

/**
 * S3 prices in us-east-1 (https://aws.amazon.com/s3/pricing, August 2026). Other regions cost more by a similar factor
 * in every class, so the comparison holds. All these classes answer reads within milliseconds. Colder ones are cheaper,
 * but a restore would wait for hours.
 */
export const PRICES: Readonly<Record<StorageClass, Prices>> = {
  STANDARD: { month: 0.023, transition: 0, leastDays: 0 },
  STANDARD_IA: { month: 0.0125, transition: 0.01 / 1000, leastDays: 30 },
  GLACIER_IR: { month: 0.004, transition: 0.02 / 1000, leastDays: 90 },
};

/** Days: S3's minimum before the transition to STANDARD_IA, and again before the next one. */
const MINIMUM_DAYS = 30;
/** Minimum billed size of an object in both colder classes, in bytes. */
const MINIMUM_SIZE = 128 * 1024;
/** Days after which the parts of an unfinished upload are deleted; no upload takes longer than one day. */
const UNFINISHED_UPLOAD_DAYS = 7;
const GiB = 2 ** 30;

/** Rules of a backup bucket: transitions to colder classes where that saves money, then expiry. */
export function archiveLifecycle(keeping: ObjectRetention): readonly LifecycleRule[] {
  const { keptDays, noncurrentDays } = keeping;
  const steps = transitions(keeping);
  return [
    ...(steps.length === 0
      ? []
      : [
          {
            id: "colder",
            status: "Enabled" as const,
            filter: {
              objectSizeGreaterThan: minimumTransitionSize(steps, keptDays + noncurrentDays),
            },
            transitions: steps,
          },
        ]),
    ...expiryRules({ keptDays, noncurrentDays }),
  ];
}

/** Rules that only expire objects, without transitions. */
export function expiryRules({
  keptDays,
  noncurrentDays,
}: Pick<ObjectRetention, "keptDays" | "noncurrentDays">): readonly LifecycleRule[] {
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
      // A separate rule: S3 does not accept this expiration together with a number of days.
      id: "leftovers",
      status: "Enabled",
      filter: all,
      expiration: { expiredObjectDeleteMarker: true },
      abortIncompleteMultipartUpload: { daysAfterInitiation: UNFINISHED_UPLOAD_DAYS },
    },
  ];
}

/** Transitions to classes in which an object stays for at least the minimum billed days. */
function transitions({
  readDays,
  keptDays,
  noncurrentDays,
}: ObjectRetention): readonly Transition[] {
  const infrequent = Math.max(MINIMUM_DAYS, readDays);
  const glacier = infrequent + MINIMUM_DAYS;
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
 * Object size in bytes above which each transition saves more than it costs. A transition is paid by the object and
 * saves by the byte, so small WAL segments of an idle server (a few kilobytes) stay in the standard class.
 * @param end day on which the last version is deleted
 */
function minimumTransitionSize(steps: readonly Transition[], end: number): number {
  const sizes = steps.map(({ days, storageClass }, index) => {
    const before = PRICES[steps[index - 1]?.storageClass ?? "STANDARD"];
    const { month, transition } = PRICES[storageClass];
    const months = ((steps[index + 1]?.days ?? end) - days) / 30;
    return (transition / ((before.month - month) * months)) * GiB;
  });
  return Math.ceil(Math.max(MINIMUM_SIZE, ...sizes));
}
