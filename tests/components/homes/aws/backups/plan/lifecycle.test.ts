import * as fc from "fast-check";
import {
  type ObjectRetention,
  type LifecycleRule,
  PRICES,
  archiveLifecycle,
  expiryRules,
} from "../../../../../../components/homes/aws/backups/plan/lifecycle";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

const keeping = (
  readDays: number,
  keptDays: number,
  noncurrentDays = readDays,
): ObjectRetention => ({
  readDays,
  keptDays,
  noncurrentDays,
});

const stepsOf = (rules: readonly LifecycleRule[]) =>
  rules.flatMap(({ transitions = [] }) =>
    transitions.map(({ days, storageClass }) => `${days} ${storageClass}`),
  );

it.each([
  ["a year", keeping(30, 365), ["30 STANDARD_IA", "60 GLACIER_IR"]],
  ["a year, with reads for 35 days", keeping(35, 365), ["35 STANDARD_IA", "65 GLACIER_IR"]],
  ["a year, with reads for a week", keeping(7, 365), ["30 STANDARD_IA", "60 GLACIER_IR"]],
  ["a day too short for GLACIER_IR's 90 days", keeping(30, 119), ["30 STANDARD_IA"]],
  [
    "just long enough for GLACIER_IR's 90 days",
    keeping(30, 120),
    ["30 STANDARD_IA", "60 GLACIER_IR"],
  ],
  ["a month", keeping(30, 31), ["30 STANDARD_IA"]],
  ["exactly the 30 days before the first transition", keeping(30, 30), []],
  ["two weeks", keeping(14, 16), []],
])("archiveLifecycle chooses transitions for objects kept %s", (_, kept, steps) => {
  expect(stepsOf(archiveLifecycle(kept))).toEqual(steps);
});

it("archiveLifecycle moves only objects that save more than their transition costs", () => {
  const [year] = archiveLifecycle(keeping(30, 365));
  // A thousand transitions cost 0.01 dollars; a GiB saves 0.0105 dollars in the class's minimum of 30 days.
  const size = Math.ceil((0.01 / 1000 / 0.0105) * GiB);
  expect(year?.filter).toEqual({ objectSizeGreaterThan: size });
  expect(size).toBeGreaterThan(0.9 * MiB);
  expect(size).toBeLessThan(MiB);
});

it("archiveLifecycle moves no object below the minimum billed size", () => {
  const [rule] = archiveLifecycle({ readDays: 30, keptDays: 3650, noncurrentDays: 30 });
  expect(rule?.filter).toHaveProperty("objectSizeGreaterThan");
  const [long] = archiveLifecycle({ readDays: 3000, keptDays: 3029, noncurrentDays: 3600 });
  expect(long?.filter).toEqual({ objectSizeGreaterThan: 131_072 });
});

it("archiveLifecycle expires old objects, noncurrent versions, delete markers and unfinished uploads", () => {
  const [, ...rest] = archiveLifecycle(keeping(30, 365, 21));
  expect(rest).toEqual(expiryRules({ keptDays: 365, noncurrentDays: 21 }));
  expect(rest).toEqual([
    {
      id: "expiry",
      status: "Enabled",
      filter: { prefix: "" },
      expiration: { days: 365 },
      noncurrentVersionExpiration: { noncurrentDays: 21 },
    },
    {
      id: "leftovers",
      status: "Enabled",
      filter: { prefix: "" },
      expiration: { expiredObjectDeleteMarker: true },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
    },
  ]);
});

it("archiveLifecycle uses only classes that answer reads within milliseconds", () => {
  expect(Object.keys(PRICES)).toEqual(["STANDARD", "STANDARD_IA", "GLACIER_IR"]);
});

/**
 * Cost of one object's life in dollars: each class bills its minimum duration, and its minimum size for small objects.
 */
function bill(bytes: number, end: number, steps: NonNullable<LifecycleRule["transitions"]>) {
  const stays = [{ days: 0, storageClass: "STANDARD" as const }, ...steps];
  return stays.reduce((sum, { days, storageClass }, index) => {
    const { month, transition, leastDays } = PRICES[storageClass];
    const next = stays[index + 1]?.days ?? end;
    const counted = storageClass === "STANDARD" ? bytes : Math.max(bytes, 128 * 1024);
    return sum + transition + (counted / GiB) * month * (Math.max(leastDays, next - days) / 30);
  }, 0);
}

const anyKeeping = fc
  .record({ readDays: fc.integer({ min: 7, max: 35 }), more: fc.integer({ min: 0, max: 3600 }) })
  .map(({ readDays, more }) => keeping(readDays, readDays + more));

it("archiveLifecycle never costs more than staying in STANDARD, for any retention and size", () => {
  fc.assert(
    fc.property(anyKeeping, fc.integer({ min: 1, max: 5 * GiB }), (kept, bytes) => {
      const [rule] = archiveLifecycle(kept);
      const { filter, transitions = [] } = rule ?? {};
      const least = filter && "objectSizeGreaterThan" in filter ? filter.objectSizeGreaterThan : 0;
      const steps = bytes > least ? transitions : [];
      const end = kept.keptDays + kept.noncurrentDays;
      // To a millionth: the minimum size is a whole number of bytes.
      expect(bill(bytes, end, steps)).toBeLessThanOrEqual(bill(bytes, end, []) * (1 + 1e-6));
    }),
    { numRuns: 2000 },
  );
});

it("archiveLifecycle moves base backups of any year-long archive", () => {
  fc.assert(
    fc.property(fc.integer({ min: 7, max: 35 }), (readDays) => {
      const [rule] = archiveLifecycle(keeping(readDays, 365));
      const { filter } = rule ?? {};
      const least = filter && "objectSizeGreaterThan" in filter ? filter.objectSizeGreaterThan : 0;
      expect(least).toBeLessThan(MiB);
      expect(rule?.transitions).toHaveLength(2);
    }),
  );
});

it("archiveLifecycle creates only transitions that S3 accepts", () => {
  fc.assert(
    fc.property(anyKeeping, (kept) => {
      const steps = archiveLifecycle(kept).flatMap(({ transitions = [] }) => transitions);
      const [infrequent, glacier, ...more] = steps.map(({ days }) => days);
      const classes = ["STANDARD_IA", "GLACIER_IR"].slice(0, steps.length);
      expect(steps.map(({ storageClass }) => storageClass)).toEqual(classes);
      expect(more).toEqual([]);
      expect(infrequent ?? 30).toBeGreaterThanOrEqual(30);
      expect((glacier ?? Infinity) - (infrequent ?? 0)).toBeGreaterThanOrEqual(30);
      expect(Math.max(0, ...steps.map(({ days }) => days))).toBeLessThan(kept.keptDays);
    }),
  );
});
