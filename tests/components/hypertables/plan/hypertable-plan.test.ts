import { type Settings, parseSettings } from "../../../support/parse-settings";
import { describeServer } from "../../../../components/homes/plan/describe-server";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  AGGREGATE_FACTS,
  type Hypertable,
  HYPERTABLE_FACTS,
  HYPERTABLES,
  perHypertable,
} from "../../../../components/hypertables/plan/hypertable-facts";
import {
  withPlannedFigures,
  withoutStackFigures,
} from "../../../../components/hypertables/plan/dump-figures";
import { ingestRates } from "../../../../components/hypertables/plan/ingest";
import {
  planHypertables,
  stackHypertables,
} from "../../../../components/hypertables/plan/hypertable-plan";
import { postgresInterval } from "../../../../components/hypertables/plan/intervals";

const GIB = 2 ** 30;
const golden = readFileSync(join(__dirname, "../../../../sql/sark_audit.golden.txt"), "utf8");

describe("hypertable plan", () => {
  test("keeps the settings, and otherwise uses the migrations' retention", () => {
    const { dropAfter, chunkInterval } = planHypertables({
      load: "low",
      memory: 8 * GIB,
      ingest: { audit_events: 0.01 },
      retention: { audit_events: "400 days", siem_events: undefined },
    });
    expect(dropAfter).toEqual({
      ...perHypertable((table) => HYPERTABLE_FACTS[table].migration.dropAfter),
      audit_events: "400 days",
    });
    expect(chunkInterval.audit_events).toBe("7 days");
  });

  test.each([
    ["developer", 1],
    ["low", 4],
    ["medium", 8],
    ["high", 16],
    ["very-high", 32],
  ] as const)("for %s load on %d GiB has no warnings", (load, gibibytes) => {
    expect(planHypertables({ load, memory: gibibytes * GIB }).warnings).toEqual([]);
  });

  test("warns of more than 1,000 chunks with tables, counts and remedies", () => {
    const three = { audit_events: 100, policy_evaluations: 500, siem_events: 25 / 3 };
    const { warnings, chunkInterval } = planHypertables({
      load: "high",
      memory: 8 * GIB,
      // No other table has rows, so a new hypertable does not change the intervals of these three.
      ingest: { ...perHypertable(() => 0), ...three },
      retention: { audit_events: "365 days" },
    });
    expect(chunkInterval).toMatchObject({
      audit_events: "4 hours",
      policy_evaluations: "1 hour",
      siem_events: "6 hours",
    });
    expect(warnings).toHaveLength(1);
    const [, total, list = ""] =
      /^sark_audit will have up to (\d+) chunks, more than 1000, and every query without a time condition plans over all of them: (.*)\. Chunks are this short so that the newest ones fit into a quarter of the memory: raise sark-databases:audit\.size\.memory, correct sark-databases:audit\.ingest, or shorten sark-databases:audit\.retention\.$/.exec(
        warnings[0] ?? "",
      ) ?? [];
    const entries = list.split(", ");
    expect(entries.slice(0, 3)).toEqual([
      "audit_events 2197 (365 days in chunks of 4 hours)",
      "policy_evaluations 745 (30 days in chunks of 1 hour)",
      "siem_events 125 (30 days in chunks of 6 hours)",
    ]);
    expect(entries).toEqual(
      expect.arrayContaining([
        "hourly_audit_summary 15 (400 days in chunks of 30 days)",
        "hourly_policy_stats 15 (400 days in chunks of 30 days)",
        "daily_policy_stats 5 (1100 days in chunks of 365 days)",
      ]),
    );
    const counts = entries.map((entry) => Number(entry.split(" ")[1]));
    expect(counts).toEqual(counts.toSorted((one, other) => other - one));
    expect(counts).toHaveLength(HYPERTABLES.length + Object.keys(AGGREGATE_FACTS).length);
    expect(Number(total)).toBe(counts.reduce((sum, count) => sum + count));
  });

  test("warns of one chunk above the limit, and not of one below", () => {
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
    // Chunks of six hours: another day adds four.
    expect(chunks(first - 1)).toBe(0);
    expect(chunks(first)).toBeGreaterThan(1000);
    expect(chunks(first)).toBeLessThanOrEqual(1004);
  });

  test("warns when an hour's chunks do not fit into memory", () => {
    const { warnings } = planHypertables({ load: "very-high", memory: 1 * GIB });
    expect(warnings).toHaveLength(2);
    expect(warnings[1]).toMatch(
      /^The newest chunks of sark_audit need \d+MiB even at the shortest interval, more than 25 % of the memory \(1024MiB\)/,
    );
  });
});

describe("hypertable plan of a stack", () => {
  const SHARE = { memory: 1 * GIB, vcpus: 1 };
  const planned = (settings: Settings) =>
    stackHypertables(settings, describeServer(settings, "sark_audit", SHARE));
  const local = (audit: Readonly<Record<string, unknown>>, tier = "high") =>
    parseSettings({
      ...{ sark: { home: "local" }, audit: { home: "local", ...audit } },
      ...{ application: { tier }, route: "direct", protection: false, rotation: 1 },
    });
  const external = { host: "audit.example.com", port: 5432, user: "postgres" };

  test("uses a developer's load for a local server, whatever the tier", () => {
    const plan = planned(local({}));
    expect(plan).toEqual(planHypertables({ load: "developer", memory: 1 * GIB }));
  });

  test("uses the application's load for an external server, and not this machine's memory", () => {
    expect(planned(local({ external }))).toEqual(
      planHypertables({ load: "high", memory: 8 * GIB }),
    );
    expect(planned(local({ external, size: { memory: "64GiB" } }))).toEqual(
      planHypertables({ load: "high", memory: 64 * GIB }),
    );
  });

  test("prefers the ingest rates of the settings, per table", () => {
    expect(ingestRates("low", { policy_evaluations: 7, siem_events: 3 })).toMatchObject({
      audit_events: 10,
      policy_evaluations: 7,
      siem_events: 3,
    });
  });
});

describe("hypertable facts", () => {
  const lines = (head: string): readonly string[] =>
    (golden.split("\n\n").find((part) => part.startsWith(`${head}\n`)) ?? "").split("\n");
  const config = (job: string, part: readonly string[]): string | undefined =>
    /config (.*)$/.exec(part.find((line) => line.startsWith(`  job ${job} `)) ?? "")?.[1];
  const named = (kind: string): readonly string[] =>
    [...golden.matchAll(new RegExp(`^${kind} public\\.(.*)$`, "gm"))].map(([, name = ""]) => name);

  test("list every hypertable and aggregate of the migrations, and no other", () => {
    expect(named("hypertable")).toEqual(HYPERTABLES.toSorted());
    expect(named("continuous aggregate")).toEqual(Object.keys(AGGREGATE_FACTS).toSorted());
  });

  test.each(Object.entries(HYPERTABLE_FACTS))("of %s match its migration", (table, facts) => {
    const { chunkInterval, compressAfter, dropAfter } = facts.migration;
    const part = lines(`hypertable public.${table}`);
    expect(part).toContain(`  chunks by "time" every ${postgresInterval(chunkInterval)}`);
    expect(config("policy_compression", part)).toBe(
      `{"compress_after": "${postgresInterval(compressAfter)}"}`,
    );
    expect(config("policy_retention", part)).toBe(
      `{"drop_after": "${postgresInterval(dropAfter)}"}`,
    );
  });

  test.each(Object.entries(AGGREGATE_FACTS))("of %s match its migration", (name, facts) => {
    const part = lines(`continuous aggregate public.${name}`);
    expect(part).toContainEqual(
      expect.stringMatching(
        new RegExp(`^ {2}chunks by \\w+ every ${facts.migration.chunkInterval}$`),
      ),
    );
    expect(config("policy_retention", part)).toBe(`{"drop_after": "${facts.migration.dropAfter}"}`);
  });

  test("mark as digested the tables that the daily job digests", () => {
    const [, array = ""] = /foreach entry\.hypertable in array array\[(.*)\]/.exec(golden) ?? [];
    const digested = (table: Hypertable): boolean => HYPERTABLE_FACTS[table].rows.digested;
    expect(array.split(", ").toSorted()).toEqual(
      HYPERTABLES.filter(digested)
        .map((table) => `'${table}'`)
        .toSorted(),
    );
  });
});

describe("expected dump of hypertables", () => {
  const plan = {
    chunkInterval: {
      audit_events: "12 hours",
      policy_evaluations: "1 hour",
      siem_events: "7 days",
    },
    dropAfter: { audit_events: "45 days", policy_evaluations: "30 days", siem_events: "60 days" },
  };

  test("differs from the golden dump only in the lines that the resource changes", () => {
    const expected = withPlannedFigures(golden, plan).split("\n");
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

  test("keeps the files' figures of a hypertable that outputs of an earlier version lack", () => {
    const { siem_events: chunk, ...chunkInterval } = plan.chunkInterval;
    const { siem_events: age, ...dropAfter } = plan.dropAfter;
    expect([chunk, age]).toEqual(["7 days", "60 days"]);
    const expected = withPlannedFigures(golden, { chunkInterval, dropAfter });
    const siem = (dump: string): string =>
      dump.slice(dump.indexOf("hypertable public.siem_events"));
    expect(siem(expected)).toBe(siem(golden));
    expect(expected).not.toBe(golden);
  });

  test("equals the golden dump without the stack's figures", () => {
    expect(withoutStackFigures(withPlannedFigures(golden, plan))).toBe(withoutStackFigures(golden));
  });
});
