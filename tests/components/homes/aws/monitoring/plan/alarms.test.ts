import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { serverAlarms } from "../../../../../../components/homes/aws/monitoring/plan/alarm-plan";
import { vaultAlarms } from "../../../../../../components/homes/aws/monitoring/plan/backup-alarms";
import { alarmDescription } from "../../../../../../components/homes/aws/monitoring/plan/objective-alarms";
import { counterExpression } from "../../../../../../components/homes/aws/monitoring/plan/metrics";
import {
  CATALOGUE,
  OBJECTIVES,
  type Overrides,
} from "../../../../../../components/objectives/plan/catalogue";
import {
  type Alarm,
  type WatchedServer,
  isFormula,
} from "../../../../../../components/homes/aws/monitoring/plan/alarm-definition";
import {
  classByName,
  instanceClasses,
} from "../../../../../../components/homes/aws/database/plan/instance-classes";

const GiB = 2 ** 30;
const MiB = 2 ** 20;

function watched(machine: string, changes: Partial<WatchedServer> = {}): WatchedServer {
  const found = classByName(machine);
  if (!found) throw new Error(`no class ${machine}`);
  return {
    role: "primary",
    maxConnections: 300,
    machine: found,
    volume: { size: 500 * GiB, iops: 12_000, throughput: 500 },
    wal: { max: 16 * GiB, slots: 64 * GiB },
    reportSeconds: 900,
    replicas: 1,
    ...changes,
  };
}

/** Thresholds by alarm name, such as `above 240`. */
function thresholds(alarms: readonly Alarm[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    alarms.map(({ name, side, threshold }) => [name, `${side} ${threshold}`]),
  );
}

function named(alarms: readonly Alarm[], name: string): Alarm {
  const found = alarms.find((each) => each.name === name);
  if (!found)
    throw new Error(`no alarm ${name}; there are ${alarms.map((each) => each.name).join()}`);
  return found;
}

const server = fc
  .record({
    machine: fc.constantFrom(...instanceClasses),
    role: fc.constantFrom("primary" as const, "replica" as const),
    maxConnections: fc.integer({ min: 10, max: 10_000 }),
    replicas: fc.integer({ min: 0, max: 5 }),
    size: fc.integer({ min: 20, max: 65_536 }),
    iops: fc.integer({ min: 3000, max: 64_000 }),
    throughput: fc.integer({ min: 125, max: 4000 }),
    reportSeconds: fc.integer({ min: 0, max: 3600 }),
  })
  .map(({ size, iops, throughput, ...rest }): WatchedServer => ({
    ...rest,
    volume: { size: size * GiB, iops, throughput },
    wal: { max: (size * GiB) / 15, slots: ((size * GiB) / 15) * 2 },
  }));

const everyAlarm = (check: (alarms: readonly Alarm[], each: WatchedServer) => void) => {
  fc.assert(
    fc.property(server, (each) => {
      check([...serverAlarms(each), ...vaultAlarms(true)], each);
    }),
  );
};

it("alarm thresholds follow the size of a large server", () => {
  expect(thresholds(serverAlarms(watched("db.m7g.2xlarge")))).toEqual({
    "connections-warning": "above 240",
    "connections-critical": "above 270",
    "cpu-warning": "above 80",
    "cpu-critical": "above 95",
    "load-warning": "above 8",
    "load-critical": "above 16",
    "memory-warning": `below ${3.2 * GiB}`,
    "memory-critical": `below ${1.6 * GiB}`,
    swap: `above ${GiB}`,
    silent: "below 1",
    "storage-warning": `below ${50 * GiB}`,
    "storage-critical": `below ${25 * GiB}`,
    "storage-days-warning": "below 7",
    "storage-days-critical": "below 2",
    // The class sustains 12,000 IOPS and bursts to 40,000; the volume has 12,000.
    "iops-warning": "above 9600",
    "iops-critical": "above 11400",
    // 312.5 MB a second are 298 MiB; the volume has 500.
    "throughput-warning": `above ${298 * MiB * 0.8}`,
    "throughput-critical": `above ${500 * MiB * 0.95}`,
    "disk-queue": "above 120",
    "read-latency-warning": "above 0.01",
    "read-latency-critical": "above 0.04",
    "write-latency-warning": "above 0.01",
    "write-latency-critical": "above 0.04",
    "io-balance": "below 20",
    "byte-balance": "below 20",
    deadlocks: "above 0",
    "cache-hits": "below 95",
    "transaction-ids-warning": "above 500000000",
    "transaction-ids-critical": "above 1000000000",
    "log-size-warning": `above ${80 * GiB}`,
    "log-size-critical": `above ${160 * GiB}`,
    "slot-lag-warning": `above ${32 * GiB}`,
    "slot-lag-critical": `above ${51.2 * GiB}`,
    "archive-failures": "above 0",
  });
});

it("a stack's own limits replace an objective's in its alarms", () => {
  const own = {
    connections: { target: 0.5, critical: 0.75 },
    "disk-full": { target: 14 * 86_400 },
    "disk-latency": { critical: 0.1 },
    "cache-hits": { target: 0.9 },
    "replica-lag": { target: 60 },
    "wal-size": { target: 1.5 },
  };
  const primary = serverAlarms(watched("db.m7g.2xlarge"), own);
  const replica = serverAlarms(watched("db.m7g.2xlarge", { role: "replica" }), own);
  expect(thresholds([...replica, ...primary])).toMatchObject({
    "connections-warning": "above 150",
    "connections-critical": "above 225",
    "storage-days-warning": "below 14",
    "storage-days-critical": "below 2",
    "read-latency-warning": "above 0.01",
    "read-latency-critical": "above 0.1",
    "write-latency-critical": "above 0.1",
    "cache-hits": "below 90",
    "log-size-warning": `above ${120 * GiB}`,
    // The lag of an idle primary's replica comes on top.
    "replica-lag-warning": "above 360",
    "replica-lag-critical": "above 2400",
  });
});

it("limits on counts and days change how many periods have to breach", () => {
  const at = (objectives: Overrides, name: string) =>
    named(
      [...serverAlarms(watched("db.m7g.2xlarge"), objectives), ...vaultAlarms(true, objectives)],
      name,
    );
  expect(at({}, "deadlocks")).toMatchObject({ datapoints: 3, periods: 12 });
  expect(at({ deadlocks: { target: 0 } }, "deadlocks").datapoints).toBe(1);
  expect(at({ deadlocks: { target: 50 } }, "deadlocks").datapoints).toBe(12);
  expect(at({}, "backup-missing").periods).toBe(2);
  expect(at({ "backup-age": { critical: 4 * 86_400 } }, "backup-missing").periods).toBe(4);
  expect(at({ "backup-age": { critical: 90 * 86_400 } }, "backup-missing").periods).toBe(7);
});

it("a limit that an objective has not by default is another alarm", () => {
  const names = (objectives: Overrides) =>
    serverAlarms(watched("db.m7g.2xlarge"), objectives).map(({ name }) => name);
  const more = names({ swap: { critical: 0.2 }, "wal-archiving": { target: 0 } });
  const usual = names({});
  expect(more.filter((name) => !usual.includes(name))).toEqual([
    "swap-critical",
    "archive-failures-warning",
  ]);
  expect(usual.filter((name) => !more.includes(name))).toEqual([]);
});

it("every objective that exporters do not measure has an alarm", () => {
  const alarms = [
    ...serverAlarms(watched("db.m7g.2xlarge")),
    ...serverAlarms(watched("db.t4g.medium")),
    ...vaultAlarms(true),
  ];
  const watchedNames = new Set(alarms.map(({ objective }) => objective.name));
  const others = CATALOGUE.filter(({ name }) => OBJECTIVES.every((each) => each.name !== name)).map(
    ({ name }) => name,
  );
  expect(others.length).toBeGreaterThan(10);
  expect(others.filter((name) => !watchedNames.has(name))).toEqual([]);
});

it("alarm thresholds follow the size of a small burstable server", () => {
  const small = watched("db.t4g.medium", {
    maxConnections: 100,
    volume: { size: 100 * GiB, iops: 3000, throughput: 125 },
  });
  expect(thresholds(serverAlarms(small))).toMatchObject({
    "connections-warning": "above 80",
    "connections-critical": "above 90",
    "load-warning": "above 2",
    "memory-warning": `below ${0.4 * GiB}`,
    "memory-critical": `below ${0.2 * GiB}`,
    swap: `above ${256 * MiB}`,
    // Half an hour of two vCPUs.
    "cpu-credits": "below 60",
    "storage-warning": `below ${10 * GiB}`,
    // The class sustains 2,000 IOPS, and bursts to the volume's 3,000.
    "iops-warning": "above 1600",
    "iops-critical": "above 2850",
    "throughput-warning": "above 34393292.8",
    "throughput-critical": `above ${125 * MiB * 0.95}`,
    "disk-queue": "above 20",
  });
});

it("CPU credit and EBS burst alarms exist only for classes that have them", () => {
  const names = (machine: string) => serverAlarms(watched(machine)).map(({ name }) => name);
  expect(names("db.t4g.medium")).toContain("cpu-credits");
  expect(names("db.m7g.2xlarge")).not.toContain("cpu-credits");
  const steady = instanceClasses.find(({ iops }) => iops.sustained === iops.burst);
  expect(names(steady?.name ?? "")).not.toContain("io-balance");
});

it("replicas have lag alarms; primaries have alarms on deadlocks, wraparound, WAL, slots and archiving", () => {
  const replica = serverAlarms(watched("db.m7g.2xlarge", { role: "replica", replicas: 0 }));
  const primary = serverAlarms(watched("db.m7g.2xlarge"));
  const only = (some: readonly Alarm[], others: readonly Alarm[]) =>
    some.map(({ name }) => name).filter((name) => others.every((each) => each.name !== name));
  expect(only(replica, primary)).toEqual(["replica-lag-warning", "replica-lag-critical"]);
  expect(only(primary, replica)).toEqual([
    "deadlocks",
    "transaction-ids-warning",
    "transaction-ids-critical",
    "log-size-warning",
    "log-size-critical",
    "slot-lag-warning",
    "slot-lag-critical",
    "archive-failures",
  ]);
  const alone = serverAlarms(watched("db.m7g.2xlarge", { replicas: 0 }));
  expect(only(primary, alone)).toEqual(["slot-lag-warning", "slot-lag-critical"]);
  // Lag of 5 minutes (idle primary) plus 15 minutes (report) is normal.
  expect(thresholds(replica)).toMatchObject({
    "replica-lag-warning": "above 1200",
    "replica-lag-critical": "above 2400",
  });
});

it("every warning alarm fires before its critical alarm", () => {
  everyAlarm((alarms) => {
    const pairs = alarms.filter(({ name }) => name.endsWith("-warning"));
    expect(pairs.length).toBeGreaterThan(10);
    for (const warning of pairs) {
      const critical = named(alarms, warning.name.replace(/warning$/, "critical"));
      expect([warning.severity, critical.severity]).toEqual(["warning", "critical"]);
      const sign = warning.side === "below" ? -1 : 1;
      expect(sign * critical.threshold).toBeGreaterThan(sign * warning.threshold);
    }
  });
});

it("alarm thresholds stay within the limits of the server", () => {
  everyAlarm((alarms, { maxConnections, machine, volume }) => {
    const at = (name: string) => named(alarms, name).threshold;
    expect(at("connections-critical")).toBeLessThan(maxConnections);
    expect(at("memory-warning")).toBeLessThan(machine.memory);
    expect(at("storage-warning")).toBeLessThan(volume.size);
    expect(at("iops-critical")).toBeLessThan(Math.min(volume.iops, machine.iops.burst));
    const most = Math.min(volume.throughput, machine.throughput.burst) * MiB;
    expect(at("throughput-critical")).toBeLessThan(most);
  });
});

it("alarms are valid for CloudWatch's PutMetricAlarm", () => {
  everyAlarm((alarms) => {
    expect(new Set(alarms.map(({ name }) => name)).size).toBe(alarms.length);
    for (const {
      name,
      period,
      periods,
      datapoints = periods,
      objective,
      watch,
      measure,
    } of alarms) {
      expect(name).toMatch(/^[a-z][a-z-]+[a-z]$/);
      // PutMetricAlarm: at most a day in all for periods under an hour, otherwise a week.
      expect(period % 60).toBe(0);
      expect(period * periods).toBeLessThanOrEqual(period < 3600 ? 86_400 : 604_800);
      expect(datapoints).toBeLessThanOrEqual(periods);
      expect(datapoints).toBeGreaterThan(0);
      expect(alarmDescription({ objective, watch }, "x".repeat(200)).length).toBeLessThan(1024);
      expect(objective.summary).toMatch(/\.$/);
      expect(watch.action).toMatch(/\.$/);
      if (!isFormula(measure)) continue;
      const ids = [...Object.keys(measure.metrics ?? {}), ...Object.keys(measure.counters ?? {})];
      const used = measure.expression.match(/\b[a-z]\w*/g) ?? [];
      expect(new Set(used)).toEqual(new Set(ids));
      expect(measure.expression.replace(/\b(IF|RATE)\(/g, "(")).not.toMatch(/[A-Z]/);
    }
  });
});

it("missing data fires only the alarms silent, replica-lag-critical and backup-missing", () => {
  const alarms = [
    ...serverAlarms(watched("db.m7g.2xlarge")),
    ...serverAlarms(watched("db.m7g.2xlarge", { role: "replica" })),
    ...vaultAlarms(true),
  ];
  const breaching = alarms
    .filter(({ missingData }) => missingData === "breaching")
    .map(({ name }) => name);
  expect(new Set(breaching)).toEqual(new Set(["silent", "replica-lag-critical", "backup-missing"]));
});

/** Value of a metric math expression for given inputs. */
function valueOf({ measure }: Alarm, values: object): unknown {
  if (!isFormula(measure)) throw new Error("not a formula");
  const IF = (condition: boolean, then: number, otherwise: number) =>
    condition ? then : otherwise;
  return runInNewContext(measure.expression, { IF, ...values });
}

it("storage-days divides free storage by its daily loss", () => {
  const days = named(serverAlarms(watched("db.m7g.2xlarge")), "storage-days-warning");
  const losing = (each: number) => ({ free: 70 * GiB, RATE: () => (-each * GiB) / 86_400 });
  expect(valueOf(days, losing(10))).toBeCloseTo(7);
  expect(valueOf(days, losing(70))).toBeCloseTo(1);
  expect(valueOf(days, losing(0))).toBe(3650);
  expect(valueOf(days, losing(-10))).toBe(3650);
});

it("iops alarm adds reads and writes", () => {
  const alarms = serverAlarms(watched("db.m7g.2xlarge"));
  expect(valueOf(named(alarms, "iops-warning"), { reads: 3000, writes: 4000 })).toBe(7000);
});

it("cache-hits is the hit ratio, and 100 on a nearly idle server", () => {
  const hits = named(serverAlarms(watched("db.m7g.2xlarge")), "cache-hits");
  expect(valueOf(hits, { found: 900, fetched: 100 })).toBe(90);
  expect(valueOf(hits, { found: 1, fetched: 9 })).toBe(100);
});

it("counterExpression writes CloudWatch's function DB_PERF_INSIGHTS", () => {
  expect(counterExpression("db.Concurrency.deadlocks.avg", "db-ABC")).toBe(
    "DB_PERF_INSIGHTS('RDS', 'db-ABC', 'db.Concurrency.deadlocks.avg')",
  );
});

it("latency alarms use p95 for the warning and p99 for the critical alarm", () => {
  const alarms = serverAlarms(watched("db.m7g.2xlarge"));
  expect(named(alarms, "read-latency-warning").measure).toEqual({
    metric: "ReadLatency",
    statistic: "p95",
  });
  expect(named(alarms, "write-latency-critical").measure).toEqual({
    metric: "WriteLatency",
    statistic: "p99",
  });
});

it("the copy-failed alarm exists only if snapshots are copied", () => {
  const names = (copied: boolean) => vaultAlarms(copied).map(({ name }) => name);
  expect(names(true)).toEqual(["backup-failed", "copy-failed", "backup-missing"]);
  expect(names(false)).toEqual(["backup-failed", "backup-missing"]);
});
