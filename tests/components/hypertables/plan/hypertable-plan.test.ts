import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  COMPRESS_AFTER_DAYS,
  HYPERTABLE_FIGURES,
  HYPERTABLES,
} from "../../../../components/hypertables/plan/hypertable-figures";
import {
  withHypertables,
  withoutFigures,
} from "../../../../components/hypertables/plan/figures-of-dump";
import { ingestRates } from "../../../../components/hypertables/plan/ingest";
import {
  planHypertables,
  stackHypertables,
} from "../../../../components/hypertables/plan/hypertable-plan";
import { DEFAULT_SIZE } from "../../../../components/settings/plan/settings-schema";
import { parseSettings } from "../../../support/parse-settings";

const GIB = 2 ** 30;
const golden = readFileSync(join(__dirname, "../../../../sql/sark_audit.golden.txt"), "utf8");

describe("a plan", () => {
  test("keeps what the settings say, and takes the migrations' where they say nothing", () => {
    const { dropAfter, chunkInterval } = planHypertables({
      load: "low",
      memory: 8 * GIB,
      ingest: { audit_events: 0.01 },
      retention: { audit_events: "400 days", siem_events: undefined },
    });
    expect(dropAfter).toEqual({
      audit_events: "400 days",
      policy_evaluations: "30 days",
      siem_events: "30 days",
    });
    expect(chunkInterval.audit_events).toBe("7 days");
  });

  test.each([
    ["developer", 1],
    ["low", 4],
    ["medium", 8],
    ["high", 16],
    ["very-high", 32],
  ] as const)("for %s load on %d GiB has nothing to warn of", (load, gibibytes) => {
    expect(planHypertables({ load, memory: gibibytes * GIB }).warnings).toEqual([]);
  });

  test("warns of more than 1,000 chunks with the tables, the numbers and what to change", () => {
    const { warnings, chunkInterval } = planHypertables({
      load: "high",
      memory: 8 * GIB,
      retention: { audit_events: "365 days" },
    });
    expect(chunkInterval).toEqual({
      audit_events: "4 hours",
      policy_evaluations: "1 hour",
      siem_events: "6 hours",
    });
    expect(warnings).toEqual([
      "sark_audit will have up to 3102 chunks, more than 1000, and every query that does not say when plans over each " +
        "of them: audit_events 2197 (365 days in chunks of 4 hours), policy_evaluations 745 (30 days in chunks of 1 hour), " +
        "siem_events 125 (30 days in chunks of 6 hours), hourly_audit_summary 15 (400 days in chunks of 30 days), " +
        "hourly_policy_stats 15 (400 days in chunks of 30 days), daily_policy_stats 5 (1100 days in chunks of 365 days). " +
        "Chunks are this short so that the newest fit into a quarter of the memory: raise " +
        "sark-databases:audit.size.memory, correct sark-databases:audit.ingest, or shorten sark-databases:audit.retention.",
    ]);
  });

  test("warns of exactly one chunk too many, and not of one fewer", () => {
    const chunks = (days: number): number => {
      const { warnings } = planHypertables({
        load: "medium",
        memory: 8 * GIB,
        retention: { audit_events: `${days} days` },
      });
      return Number(/up to (\d+) chunks/.exec(warnings[0] ?? "")?.[1] ?? 0);
    };
    const first =
      Array.from({ length: 400 }, (_, days) => days + 7).find((days) => chunks(days) > 0) ?? 0;
    // Chunks of six hours: another day is four more.
    expect(chunks(first - 1)).toBe(0);
    expect(chunks(first)).toBeGreaterThan(1000);
    expect(chunks(first)).toBeLessThanOrEqual(1004);
  });

  test("warns where an hour's chunks do not fit", () => {
    const { warnings } = planHypertables({ load: "very-high", memory: 1 * GIB });
    expect(warnings).toHaveLength(2);
    expect(warnings[1]).toMatch(
      /^The newest chunks of sark_audit take \d+MiB even at the shortest interval, more than 25 % of the memory \(1024MiB\)/,
    );
  });
});

describe("of a stack", () => {
  const onSmallMachine = { size: { ...DEFAULT_SIZE, memory: 1 * GIB } };
  const local = (audit: Readonly<Record<string, unknown>>, tier = "high") =>
    parseSettings({
      ...{ sark: { home: "local" }, audit: { home: "local", ...audit } },
      ...{ application: { tier }, route: "direct", protection: false, rotation: 1 },
    });
  const external = { host: "audit.example.com", port: 5432, user: "postgres" };

  test("a developer's own server has a developer's load, whatever the tier", () => {
    const plan = stackHypertables(local({}), onSmallMachine);
    expect(plan).toEqual(planHypertables({ load: "developer", memory: 1 * GIB }));
  });

  test("a server that exists has the application's load, and no memory of this machine's", () => {
    expect(stackHypertables(local({ external }), onSmallMachine)).toEqual(
      planHypertables({ load: "high", memory: 8 * GIB }),
    );
    const told = { size: { ...DEFAULT_SIZE, memory: 64 * GIB } };
    expect(stackHypertables(local({ external, size: { memory: "64GiB" } }), told)).toEqual(
      planHypertables({ load: "high", memory: 64 * GIB }),
    );
  });

  test("rates that are given go before the tier's, each for its own table", () => {
    expect(ingestRates("low", { policy_evaluations: 7, siem_events: 3 })).toEqual({
      audit_events: 10,
      policy_evaluations: 7,
      siem_events: 3,
    });
  });
});

describe("the figures in the code", () => {
  test.each(HYPERTABLES)("of %s are what its migration says", (table) => {
    const section = golden.slice(golden.indexOf(`\nhypertable public.${table}\n`)).split("\n\n")[0];
    expect(section).toContain(`"drop_after": "${HYPERTABLE_FIGURES[table].retentionDays} days"`);
    expect(section).toContain(`"compress_after": "${COMPRESS_AFTER_DAYS} days"`);
  });
});

describe("the dump that is expected of a database", () => {
  const plan = {
    chunkInterval: {
      audit_events: "12 hours",
      policy_evaluations: "1 hour",
      siem_events: "7 days",
    },
    dropAfter: { audit_events: "45 days", policy_evaluations: "30 days", siem_events: "60 days" },
  };

  test("differs from the golden one in the lines that the resource changes, and no other", () => {
    const expected = withHypertables(golden, plan).split("\n");
    const changed = golden.split("\n").flatMap((line, at) => {
      const now = expected[at];
      return now === line ? [] : [[line, now]];
    });
    expect(expected).toHaveLength(golden.split("\n").length);
    const job = (age: string): string =>
      `  job policy_retention every 1 day as sark_audit_owner max runtime 00:05:00 retries -1 after 00:05:00 config {"drop_after": "${age}"}`;
    expect(changed).toEqual([
      [`  chunks by "time" every 1 day`, `  chunks by "time" every 12:00:00`],
      [job("90 days"), job("45 days")],
      [`  chunks by "time" every 06:00:00`, `  chunks by "time" every 01:00:00`],
      [`  chunks by "time" every 1 day`, `  chunks by "time" every 7 days`],
      [job("30 days"), job("60 days")],
    ]);
  });

  test("is the golden one where the figures of a stack do not count", () => {
    expect(withoutFigures(withHypertables(golden, plan))).toBe(withoutFigures(golden));
  });
});
