import { evaluate } from "../../../../components/objectives/plan/evaluate";
import { OBJECTIVES } from "../../../../components/objectives/plan/catalogue";
import { type Expression, promql } from "../../../../components/objectives/plan/expression";
import { stateOf } from "../../../../components/objectives/plan/objective-state";
import { limitsText, valueText } from "../../../../components/objectives/plan/readable-value";
import { Samples, type Series } from "../../../../components/objectives/plan/samples";

const EXPECTED = { replicas: 0, migrations: 0 };

function reading(
  time: number,
  metrics: Readonly<Record<string, number | readonly Series[]>>,
): Samples {
  const series = Object.entries(metrics).map(([name, value]) => [
    name,
    typeof value === "number" ? [{ labels: {}, value }] : value,
  ]);
  return new Samples(new Map(series as [string, Series[]][]), { time });
}

function valueOf(expression: Expression, samples: Samples): number | undefined {
  return evaluate(expression, samples, EXPECTED)[0]?.value;
}

function objective(name: string) {
  const found = OBJECTIVES.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no objective ${name}`);
  return found;
}

describe("a rate", () => {
  const rate: Expression = { rate: "commits", window: 300 };
  const first = reading(1000, { commits: 5000, sark_uptime_seconds: 100 });
  const second = reading(1010, { commits: 5200, sark_uptime_seconds: 110 });

  it("of one reading is the average since the server started", () => {
    expect(valueOf(rate, first)).toBe(50);
  });

  it("of two readings is their difference over the time between them", () => {
    expect(valueOf(rate, second.since(first))).toBe(20);
  });

  it("counts from zero after the counter was reset", () => {
    const reset = reading(1010, { commits: 30, sark_uptime_seconds: 5 });
    expect(valueOf(rate, reset.since(first))).toBe(3);
  });

  it("leaves out a series that the earlier reading does not have", () => {
    const [a, b] = ["a", "b"].map((name) => ({ labels: { name }, value: 10 }));
    const before = reading(0, { commits: [a] as Series[] });
    const after = reading(10, { commits: [{ ...a, value: 20 }, b] as Series[] });
    expect(evaluate(rate, after.since(before), EXPECTED)).toEqual([
      { labels: { name: "a" }, value: 1 },
    ]);
  });
});

it("an increase is exact as long as the server is younger than the window", () => {
  const increase: Expression = { increase: "deadlocks", window: 3600 };
  expect(valueOf(increase, reading(0, { deadlocks: 4, sark_uptime_seconds: 1800 }))).toBe(4);
  expect(valueOf(increase, reading(0, { deadlocks: 4, sark_uptime_seconds: 7200 }))).toBe(2);
});

describe("the state of an average since the start", () => {
  const [slow, young] = [7200, 600].map((sark_uptime_seconds) =>
    reading(1000, { sark_deadlocks_total: 100, sark_uptime_seconds }),
  );

  it("is unknown beyond a limit, as the cause may be long ago", () => {
    expect(stateOf(objective("deadlocks"), slow as Samples, EXPECTED)).toMatchObject({
      state: "unknown",
      value: 50,
    });
  });

  it("is certain if all of it lies within the window", () => {
    expect(stateOf(objective("deadlocks"), young as Samples, EXPECTED).state).toBe("warning");
  });

  it("is unknown of a few seconds, too", () => {
    const soon = reading(1010, { sark_deadlocks_total: 103, sark_uptime_seconds: 7210 });
    expect(stateOf(objective("deadlocks"), soon.since(slow), EXPECTED).state).toBe("unknown");
  });

  it("is certain with a reading a minute earlier", () => {
    const later = reading(1060, { sark_deadlocks_total: 103, sark_uptime_seconds: 7260 });
    expect(stateOf(objective("deadlocks"), later.since(slow), EXPECTED)).toMatchObject({
      state: "warning",
      value: 3,
    });
  });
});

it("a metric that could not be read makes its objective unknown, with the reason", () => {
  const failed = new Samples(new Map(), { failures: new Map([["sark_primary_up", "no answer"]]) });
  expect(stateOf(objective("server-down"), failed, EXPECTED)).toMatchObject({
    state: "unknown",
    reason: "no answer",
  });
  const none = new Samples(new Map());
  expect(stateOf(objective("server-down"), none, EXPECTED).state).toBe("critical");
});

it("backups are judged by the time of a reading and by the outcome of the latest attempt", () => {
  const day = 86_400;
  const outcome = (available: number, failed: number) =>
    reading(10 * day, {
      barman_cloud_cloudnative_pg_io_last_available_backup_timestamp: available,
      barman_cloud_cloudnative_pg_io_last_failed_backup_timestamp: failed,
    });
  const stateAfter = (name: string, samples: Samples) =>
    stateOf(objective(name), samples, EXPECTED).state;
  expect(stateAfter("backup-age", outcome(9 * day, 0))).toBe("good");
  expect(stateAfter("backup-age", outcome(7 * day, 0))).toBe("critical");
  expect(stateAfter("backup-failed", outcome(9 * day, 8 * day))).toBe("good");
  expect(stateAfter("backup-failed", outcome(8 * day, 9 * day))).toBe("critical");
});

it("pool-use takes the pool size of an entry without a limit, and ignores the console", () => {
  const of = (entry: string, value: number): Series => ({ labels: { entry }, value });
  const samples = reading(0, {
    pgbouncer_pools_server_active_connections: [of("sark", 6), of("sark_audit", 3)],
    pgbouncer_databases_max_connections: [of("sark", 8), of("sark_audit", 0), of("pgbouncer", 0)],
    pgbouncer_databases_pool_size: [of("sark", 20), of("sark_audit", 4), of("pgbouncer", 2)],
  });
  const { measure } = objective("pool-use");
  expect(valueOf(measure, samples)).toBe(9 / 12);
  expect(promql(measure, 'stack="dev"', EXPECTED)).toBe(
    "(sum by (stack, database, server, entry) (pgbouncer_pools_server_active_connections" +
      '{stack="dev"}) / sum by (stack, database, server, entry) ((pgbouncer_databases_max_connections' +
      '{stack="dev",entry!="pgbouncer"} > 0 or pgbouncer_databases_pool_size{stack="dev",entry!="pgbouncer"})))',
  );
});

it.each([
  [0.934, "share", "93.4 %"],
  [-100, "share", "0 %"],
  [0, "seconds", "0 s"],
  [0.0722, "seconds", "72.2 ms"],
  [0.00005, "seconds", "0.05 ms"],
  [119, "seconds", "119 s"],
  [5400, "seconds", "90 min"],
  [259_200, "seconds", "3 days"],
  [1536, "bytes", "1.5 KiB"],
  [3 * 1024 ** 3, "bytes", "3 GiB"],
  [500_000_000, "count", "500,000,000"],
  [6.543, "perSecond", "6.54/s"],
] as const)("%d in %s reads %s", (value, unit, text) => {
  expect(valueText(value, unit)).toBe(text);
});

it("limits name the side on which the value is good", () => {
  const limits = { unit: "share", target: 0.8, critical: 0.9 } as const;
  expect(limitsText({ ...limits, good: "below" })).toBe("at most 80 %, critical above 90 %");
  expect(limitsText({ unit: "count", good: "above", critical: 1 })).toBe("critical below 1");
  expect(limitsText({ unit: "count", good: "above" })).toBe("no limit");
});
