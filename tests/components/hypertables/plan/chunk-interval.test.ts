import * as fc from "fast-check";
import {
  chunkIntervals,
  type ChunkIntervalInput,
  memoryForChunks,
  maxChunks,
  newestChunksBytes,
} from "../../../../components/hypertables/plan/chunk-interval";
import {
  type Hypertable,
  HYPERTABLE_FACTS,
  HYPERTABLES,
  perHypertable,
  type PerHypertable,
} from "../../../../components/hypertables/plan/hypertable-facts";
import {
  parseIntervalHours,
  formatInterval,
  ALLOWED_HOURS,
  postgresInterval,
} from "../../../../components/hypertables/plan/intervals";

const GIB = 2 ** 30;

const forEach = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<PerHypertable<T>> =>
  fc.record(perHypertable(() => of));

/** From one row in a quarter of an hour to more than any server can take. */
const rates = forEach(fc.double({ min: 0.001, max: 100_000, noNaN: true }));
const inputs: fc.Arbitrary<ChunkIntervalInput> = fc.record({
  memory: fc.integer({ min: 256, max: 1024 * 1024 }).map((mebibytes) => mebibytes * 2 ** 20),
  ingest: rates,
  retentionDays: forEach(fc.integer({ min: 7, max: 4000 })),
});

const rungOf = (hours: number): number => ALLOWED_HOURS.findIndex((step) => step === hours);

describe("chunk interval", () => {
  test("is a step of the ladder, at most a tenth of the retention, and at most the compression age", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const hours = chunkIntervals(input);
        for (const table of HYPERTABLES) {
          expect(ALLOWED_HOURS).toContain(hours[table]);
          expect(hours[table] * 10).toBeLessThanOrEqual(input.retentionDays[table] * 24);
          const { compressAfter } = HYPERTABLE_FACTS[table].migration;
          expect(hours[table]).toBeLessThanOrEqual(parseIntervalHours(compressAfter));
        }
      }),
    );
  });

  test("makes the newest chunks fit into a quarter of the memory, unless some are at the minimum", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const hours = chunkIntervals(input);
        const fits = newestChunksBytes(input, hours) <= memoryForChunks(input.memory);
        expect(fits || HYPERTABLES.some((table) => hours[table] === ALLOWED_HOURS[0])).toBe(true);
      }),
    );
  });

  test("is not shorter than needed: with the next step for every hypertable, the chunks would not fit", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const hours = chunkIntervals(input);
        // Only cases limited by memory, not by retention or the longest step.
        fc.pre(
          HYPERTABLES.every(
            (table) => hours[table] < 24 && hours[table] * 20 <= input.retentionDays[table] * 24,
          ),
        );
        const next = (table: Hypertable): number =>
          ALLOWED_HOURS[rungOf(hours[table]) + 1] ?? Infinity;
        const longer = perHypertable(next);
        expect(newestChunksBytes(input, longer)).toBeGreaterThan(memoryForChunks(input.memory));
      }),
      { numRuns: 300 },
    );
  });

  test("never shrinks with more memory, and never grows with more rows", () => {
    fc.assert(
      fc.property(
        inputs,
        fc.double({ min: 1, max: 64, noNaN: true }),
        rates,
        (input, factor, more) => {
          const hours = chunkIntervals(input);
          const larger = chunkIntervals({ ...input, memory: input.memory * factor });
          const busier = chunkIntervals({
            ...input,
            ingest: perHypertable((table) => input.ingest[table] + more[table]),
          });
          for (const table of HYPERTABLES) {
            expect(larger[table]).toBeGreaterThanOrEqual(hours[table]);
            expect(busier[table]).toBeLessThanOrEqual(hours[table]);
          }
        },
      ),
    );
  });

  test("matches a calculation by hand", () => {
    // A quarter of 8 GiB, minus 36.8 MB of aggregates, is 2.11 GB. Bytes per hour: 147.6, 306 and 6.9 million; the
    // square roots of each times its days add up to 226.6 thousand. No other table has rows.
    const ingest = { audit_events: 50, policy_evaluations: 250, siem_events: 25 / 6 };
    const input = {
      memory: 8 * GIB,
      ingest: { ...perHypertable(() => 0), ...ingest },
      retentionDays: { ...perHypertable(() => 30), audit_events: 90 },
    };
    expect(chunkIntervals(input)).toMatchObject({
      audit_events: 6,
      policy_evaluations: 2,
      siem_events: 12,
    });
  });
});

describe("maximum number of chunks", () => {
  test("is at least the simulated maximum, and at most two more", () => {
    const cases = fc.record({
      interval: fc.constantFrom(...ALLOWED_HOURS),
      retention: fc.integer({ min: 7, max: 120 }),
    });
    fc.assert(
      fc.property(cases, ({ interval, retention }) => {
        // The job runs daily, at each hour of the day in turn; rows arrive continuously from hour 0.
        let most = 0;
        for (let jobAt = 0; jobAt < 24; jobAt++) {
          let dropped = 0;
          for (let hour = 0; hour < (retention + 20) * 24; hour++) {
            if (hour % 24 === jobAt) {
              dropped = Math.max(0, Math.floor((hour - retention * 24) / interval));
            }
            most = Math.max(most, Math.floor(hour / interval) + 1 - dropped);
          }
        }
        const computed = maxChunks(interval, retention);
        expect(computed).toBeGreaterThanOrEqual(most);
        expect(computed).toBeLessThanOrEqual(most + 2);
      }),
      { numRuns: 30 },
    );
  });
});

describe("interval text", () => {
  test("is parsed back for every step", () => {
    for (const hours of ALLOWED_HOURS)
      expect(parseIntervalHours(formatInterval(hours))).toBe(hours);
    expect(parseIntervalHours("400 days")).toBe(9600);
  });

  test.each([
    [1, "1 hour", "01:00:00"],
    [12, "12 hours", "12:00:00"],
    [24, "1 day", "1 day"],
    [168, "7 days", "7 days"],
  ])("of %p hours is %p here and %p in PostgreSQL", (hours, text, postgres) => {
    expect(formatInterval(hours)).toBe(text);
    expect(postgresInterval(text)).toBe(postgres);
  });

  test.each(["90", "3 weeks", "-1 days", "1.5 days"])("%p is rejected", (text) => {
    expect(() => parseIntervalHours(text)).toThrow(`not a number of hours or days: ${text}`);
  });
});
