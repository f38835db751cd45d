import {
  type Alarm,
  DAY,
  HOUR,
  SUSTAINED,
  MINUTE,
  type Statistic,
  type WatchedServer,
  warningAndCritical,
} from "./alarm-definition";
import type { MetricName } from "./metrics";
import { compact } from "../../../../text/present";

const MiB = 2 ** 20;

/** Statement time in seconds: the guide's goal for 95 % of statements, its critical threshold for 99 %. */
const STATEMENTS = { p95: 0.05, p99: 0.2 } as const;

/** Pages that an uncached index look-up reads one after another: four levels and the row. */
const READS_A_STATEMENT = 5;

/** Alarms on a server's volume. */
export function storageAlarms(server: WatchedServer): readonly Alarm[] {
  return [
    ...space(server),
    ...daysLeft,
    ...iops(server),
    ...throughput(server),
    queue(server),
    ...latency("read", "ReadLatency"),
    ...latency("write", "WriteLatency"),
    ...burstBalances(server),
  ];
}

/**
 * RDS enlarges a volume when less than 10 % has been free for five minutes, at most once in six hours (user guide,
 * "Managing capacity automatically with Amazon RDS storage autoscaling"). So the warning fires when it has not done so
 * within an hour. Below 5 % the alarm is critical.
 */
function space({ volume: { size } }: WatchedServer): readonly Alarm[] {
  return warningAndCritical(
    {
      name: "storage",
      measure: { metric: "FreeStorageSpace", statistic: "Minimum" },
      side: "below",
      summary:
        "Low free storage, and RDS has not enlarged the volume. A full volume stops the server.",
      action:
        "Raise sark.rds.storage.maximum, or enlarge now with sark.size.storage.size; a volume never shrinks. " +
        "Check for old rows, bloat, replication slots and temporary files.",
    },
    {
      warning: { threshold: size / 10, period: 15 * MINUTE, periods: 4 },
      critical: { threshold: size / 20, ...SUSTAINED },
    },
  );
}

/**
 * Days until the volume is full at the rate of the last six hours: free storage divided by its daily loss. RATE is the
 * change a second from one period to the next; without a loss the result is ten years. Storage autoscaling is ignored:
 * a week is enough time to plan for it, and within two days it would not keep pace.
 */
const daysLeft: readonly Alarm[] = warningAndCritical(
  {
    name: "storage-days",
    measure: {
      expression: `IF(RATE(free) < 0, free / (RATE(free) * -${DAY}), 3650)`,
      metrics: { free: { metric: "FreeStorageSpace", statistic: "Average" } },
    },
    side: "below",
    summary: "The volume will be full within days. A full volume stops the server.",
    action:
      "Find what grows: pg_stat_user_tables, replication slots, temporary files. " +
      "If the growth is expected, check that sark.rds.storage.maximum leaves room.",
  },
  {
    // The first period has no predecessor, so it has no rate.
    warning: { threshold: 7, period: 6 * HOUR, datapoints: 3, periods: 4 },
    critical: { threshold: 2, period: 6 * HOUR, datapoints: 2, periods: 3 },
  },
);

/** The limit is the lower of the volume's and the class's. A class bursts for half an hour a day. */
function iops({ volume, machine }: WatchedServer): readonly Alarm[] {
  return limitAlarms({
    name: "iops",
    reads: "ReadIOPS",
    writes: "WriteIOPS",
    sustained: Math.min(volume.iops, machine.iops.sustained),
    burst: Math.min(volume.iops, machine.iops.burst),
    summary: "Disk IOPS near the limit of the volume or instance class. I/O will queue.",
  });
}

function throughput({ volume, machine }: WatchedServer): readonly Alarm[] {
  return limitAlarms({
    name: "throughput",
    reads: "ReadThroughput",
    writes: "WriteThroughput",
    sustained: Math.min(volume.throughput, machine.throughput.sustained) * MiB,
    burst: Math.min(volume.throughput, machine.throughput.burst) * MiB,
    summary: "Disk throughput near the limit of the volume or instance class. I/O will queue.",
  });
}

interface LimitedMetric extends Pick<Alarm, "name" | "summary"> {
  readonly reads: MetricName;
  readonly writes: MetricName;
  /** Limit that the server sustains. */
  readonly sustained: number;
  /** Limit that it reaches in a burst. */
  readonly burst: number;
}

function limitAlarms({
  reads,
  writes,
  sustained,
  burst,
  ...alarm
}: LimitedMetric): readonly Alarm[] {
  return warningAndCritical(
    {
      ...alarm,
      measure: {
        expression: "reads + writes",
        metrics: {
          reads: { metric: reads, statistic: "Average" },
          writes: { metric: writes, statistic: "Average" },
        },
      },
      action:
        "Find the statements that read or write most in Performance Insights; checkpoints and vacuums count too. " +
        "If they are needed, raise sark.rds.storage, or choose a class with higher EBS limits.",
    },
    {
      warning: { threshold: sustained * 0.8, ...SUSTAINED },
      critical: { threshold: burst * 0.95, ...SUSTAINED },
    },
  );
}

/** Threshold by Little's law: I/Os in flight at full IOPS, when each takes its share of a statement's time. */
function queue({ volume, machine }: WatchedServer): Alarm {
  const sustained = Math.min(volume.iops, machine.iops.sustained);
  return {
    name: "disk-queue",
    severity: "warning",
    measure: { metric: "DiskQueueDepth", statistic: "Average" },
    threshold: (sustained * STATEMENTS.p95) / READS_A_STATEMENT,
    ...SUSTAINED,
    summary: "High disk queue depth. I/O waits longer than statements allow.",
    action: "Reduce I/O (Performance Insights names the statements), or raise sark.rds.storage.",
  };
}

/**
 * Threshold for one I/O: the guide's statement time divided by the pages that a statement reads in turn. RDS measures
 * the latency of an I/O, not of a statement. CloudWatch takes percentiles of the one-minute averages, fifteen at a
 * time.
 */
function latency(name: string, metric: MetricName): readonly Alarm[] {
  const measured = (statistic: Statistic) => ({ measure: { metric, statistic } });
  const sustained = { period: 15 * MINUTE, periods: 2 };
  return warningAndCritical(
    {
      name: `${name}-latency`,
      ...measured("p95"),
      missingData: "notBreaching",
      summary: `High disk ${name} latency. Statements exceed their latency goals.`,
      action:
        "Check whether IOPS, throughput or the EBS burst balance is at its limit. " +
        "If none is, the volume itself is slow: contact AWS Support.",
    },
    {
      warning: { threshold: STATEMENTS.p95 / READS_A_STATEMENT, ...sustained },
      critical: { ...measured("p99"), threshold: STATEMENTS.p99 / READS_A_STATEMENT, ...sustained },
    },
  );
}

/** Only for classes with an EBS burst: higher limits for half an hour a day. */
function burstBalances({ machine }: WatchedServer): readonly Alarm[] {
  const balance = (name: string, metric: MetricName): Alarm => ({
    name,
    severity: "warning",
    measure: { metric, statistic: "Minimum" },
    side: "below",
    threshold: 20,
    ...SUSTAINED,
    missingData: "notBreaching",
    summary: `EBS burst balance of ${machine.name} nearly exhausted. Disk speed will drop to the class's baseline.`,
    action: "If the baseline is too low for the load, choose a larger sark.rds.instanceClass.",
  });
  const { iops, throughput } = machine;
  return compact(
    iops.sustained < iops.burst && balance("io-balance", "EBSIOBalance%"),
    throughput.sustained < throughput.burst && balance("byte-balance", "EBSByteBalance%"),
  );
}
