import * as fc from "fast-check";
import {
  chunkIntervals,
  type ChunkIntervalInput,
  memoryForChunks,
  mostChunks,
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
  intervalHours,
  intervalText,
  LADDER,
  postgresInterval,
} from "../../../../components/hypertables/plan/intervals";

const GIB = 2 ** 30;

const forEach = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<PerHypertable<T>> =>
  fc.record(perHypertable(() => of));

/** From a row in a quarter of an hour to more than any server takes. */
const rates = forEach(fc.double({ min: 0.001, max: 100_000, noNaN: true }));
const inputs: fc.Arbitrary<ChunkIntervalInput> = fc.record({
  memory: fc.integer({ min: 256, max: 1024 * 1024 }).map((mebibytes) => mebibytes * 2 ** 20),
  ingest: rates,
  retentionDays: forEach(fc.integer({ min: 7, max: 4000 })),
});

const rungOf = (hours: number): number => LADDER.findIndex((step) => step === hours);

describe("the length of chunks", () => {
  test("is a step of the ladder, a tenth of the retention at most, and never longer than rows stay uncompressed", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const hours = chunkIntervals(input);
        for (const table of HYPERTABLES) {
          expect(LADDER).toContain(hours[table]);
          expect(hours[table] * 10).toBeLessThanOrEqual(input.retentionDays[table] * 24);
          const { compressAfter } = HYPERTABLE_FACTS[table].migration;
          expect(hours[table]).toBeLessThanOrEqual(intervalHours(compressAfter));
        }
      }),
    );
  });

  test("lets the newest chunks fit into a quarter of the memory, or some of them are as short as can be", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const hours = chunkIntervals(input);
        const fits = newestChunksBytes(input, hours) <= memoryForChunks(input.memory);
        expect(fits || HYPERTABLES.some((table) => hours[table] === LADDER[0])).toBe(true);
      }),
    );
  });

  test("is not shorter than needed: if every chunk were of the next step, they would not fit", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const hours = chunkIntervals(input);
        // Those that the memory bounds, and not the retention or the week.
        fc.pre(
          HYPERTABLES.every(
            (table) => hours[table] < 24 && hours[table] * 20 <= input.retentionDays[table] * 24,
          ),
        );
        const next = (table: Hypertable): number => LADDER[rungOf(hours[table]) + 1] ?? Infinity;
        const longer = perHypertable(next);
        expect(newestChunksBytes(input, longer)).toBeGreaterThan(memoryForChunks(input.memory));
      }),
      { numRuns: 300 },
    );
  });

  test("never shrinks with more memory, nor grows with more rows of any table", () => {
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

  test("of figures that a hand can check", () => {
    // The quarter of 8 GiB, less 36.8 MB of aggregates, is 2.11 GB. Bytes an hour: 147.6, 306 and 6.9 million; the
    // square roots of each with its days add up to 226.6 thousand. No other table has rows.
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

describe("the most chunks at a time", () => {
  test("are never fewer than a hypertable has, and at most two more than it has at some time", () => {
    const cases = fc.record({
      interval: fc.constantFrom(...LADDER),
      retention: fc.integer({ min: 7, max: 120 }),
    });
    fc.assert(
      fc.property(cases, ({ interval, retention }) => {
        // The job runs daily at each hour of the day in turn; rows come in all the time, from hour 0 on.
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
        const computed = mostChunks(interval, retention);
        expect(computed).toBeGreaterThanOrEqual(most);
        expect(computed).toBeLessThanOrEqual(most + 2);
      }),
      { numRuns: 30 },
    );
  });
});

describe("intervals", () => {
  test("are read as they were written, for every step", () => {
    for (const hours of LADDER) expect(intervalHours(intervalText(hours))).toBe(hours);
    expect(intervalHours("400 days")).toBe(9600);
  });

  test.each([
    [1, "1 hour", "01:00:00"],
    [12, "12 hours", "12:00:00"],
    [24, "1 day", "1 day"],
    [168, "7 days", "7 days"],
  ])("%p hours are %p here and %p in PostgreSQL", (hours, text, postgres) => {
    expect(intervalText(hours)).toBe(text);
    expect(postgresInterval(text)).toBe(postgres);
  });

  test.each(["90", "3 weeks", "-1 days", "1.5 days"])("%p is refused", (text) => {
    expect(() => intervalHours(text)).toThrow(`not a number of hours or days: ${text}`);
  });
});
