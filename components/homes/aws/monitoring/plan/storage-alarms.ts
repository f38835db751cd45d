import { compact } from "../../../../text/present";
import { DAY, HOUR, MINUTE } from "../../../../objectives/plan/objective";
import { SUSTAINED, type Watch, type WatchedServer } from "./alarm-definition";
import type { MetricName } from "./metrics";

const MiB = 2 ** 20;

/** How CloudWatch watches a server's volume. */
export function storageWatches(server: WatchedServer): readonly Watch[] {
  return [
    space(server),
    daysLeft,
    iops(server),
    throughput(server),
    queue(server),
    latency("read-latency", "ReadLatency"),
    latency("write-latency", "WriteLatency"),
    ...burstBalances(server),
  ];
}

/**
 * RDS enlarges a volume when less than 10 % has been free for five minutes, at most once in six hours (user guide,
 * "Managing capacity automatically with Amazon RDS storage autoscaling"). So the warning fires when it has not done so
 * within an hour.
 */
function space({ volume: { size } }: WatchedServer): Watch {
  return {
    name: "storage",
    objective: "disk-space",
    unit: "bytes",
    measure: { metric: "FreeStorageSpace", statistic: "Minimum" },
    condition: (limit, severity) => ({
      threshold: size * limit,
      ...(severity === "warning" ? { period: 15 * MINUTE, periods: 4 } : SUSTAINED),
    }),
    action:
      "Raise sark.rds.storage.maximum, or enlarge now with sark.size.storage.size; a volume never shrinks. " +
      "Check for old rows, bloat, replication slots and temporary files.",
  };
}

/**
 * Days until the volume is full at the rate of the last six hours: free storage divided by its daily loss. RATE is the
 * change a second from one period to the next; without a loss the result is ten years. Storage autoscaling is ignored.
 */
const daysLeft: Watch = {
  name: "storage-days",
  objective: "disk-full",
  unit: "days",
  measure: {
    expression: `IF(RATE(free) < 0, free / (RATE(free) * -${DAY}), 3650)`,
    metrics: { free: { metric: "FreeStorageSpace", statistic: "Average" } },
  },
  condition: (limit, severity) => ({
    threshold: limit / DAY,
    period: 6 * HOUR,
    // The first period has no predecessor, so it has no rate.
    ...(severity === "warning" ? { datapoints: 3, periods: 4 } : { datapoints: 2, periods: 3 }),
  }),
  action:
    "Find what grows: pg_stat_user_tables, replication slots, temporary files. " +
    "If the growth is expected, check that sark.rds.storage.maximum leaves room.",
};

/** The limit is the lower of the volume's and the class's. A class bursts for half an hour a day. */
function iops({ volume, machine }: WatchedServer): Watch {
  return limited({
    name: "iops",
    objective: "disk-iops",
    unit: "operations a second",
    reads: "ReadIOPS",
    writes: "WriteIOPS",
    sustained: Math.min(volume.iops, machine.iops.sustained),
    burst: Math.min(volume.iops, machine.iops.burst),
  });
}

function throughput({ volume, machine }: WatchedServer): Watch {
  return limited({
    name: "throughput",
    objective: "disk-throughput",
    unit: "bytes a second",
    reads: "ReadThroughput",
    writes: "WriteThroughput",
    sustained: Math.min(volume.throughput, machine.throughput.sustained) * MiB,
    burst: Math.min(volume.throughput, machine.throughput.burst) * MiB,
  });
}

interface LimitedMetric extends Pick<Watch, "name" | "objective" | "unit"> {
  readonly reads: MetricName;
  readonly writes: MetricName;
  /** Limit that the server sustains, of which the warning is a share. */
  readonly sustained: number;
  /** Limit that it reaches in a burst, of which the critical threshold is a share. */
  readonly burst: number;
}

function limited({ reads, writes, sustained, burst, ...names }: LimitedMetric): Watch {
  return {
    ...names,
    measure: {
      expression: "reads + writes",
      metrics: {
        reads: { metric: reads, statistic: "Average" },
        writes: { metric: writes, statistic: "Average" },
      },
    },
    condition: (limit, severity) => ({
      threshold: (severity === "warning" ? sustained : burst) * limit,
      ...SUSTAINED,
    }),
    action:
      "Find the statements that read or write most in Performance Insights; checkpoints and vacuums count too. " +
      "If they are needed, raise sark.rds.storage, or choose a class with higher EBS limits.",
  };
}

/** Threshold by Little's law: I/Os in flight at full IOPS, when each takes the time that the objective allows. */
function queue({ volume, machine }: WatchedServer): Watch {
  const sustained = Math.min(volume.iops, machine.iops.sustained);
  return {
    name: "disk-queue",
    objective: "disk-queue",
    unit: "operations",
    measure: { metric: "DiskQueueDepth", statistic: "Average" },
    condition: (limit) => ({ threshold: sustained * limit, ...SUSTAINED }),
    action: "Reduce I/O (Performance Insights names the statements), or raise sark.rds.storage.",
  };
}

/**
 * RDS measures the latency of an I/O, not of a statement. CloudWatch takes percentiles of the one-minute averages,
 * fifteen at a time.
 */
function latency(name: string, metric: MetricName): Watch {
  return {
    name,
    objective: "disk-latency",
    unit: "seconds",
    measure: { metric, statistic: "p95" },
    condition: (threshold, severity) => ({
      threshold,
      period: 15 * MINUTE,
      periods: 2,
      missingData: "notBreaching",
      ...(severity === "critical" ? { measure: { metric, statistic: "p99" } } : {}),
    }),
    action:
      "Check whether IOPS, throughput or the EBS burst balance is at its limit. " +
      "If none is, the volume itself is slow: contact AWS Support.",
  };
}

/** Only for classes with an EBS burst: higher limits for half an hour a day. */
function burstBalances({ machine }: WatchedServer): readonly Watch[] {
  const balance = (name: string, metric: MetricName): Watch => ({
    name,
    objective: "disk-burst",
    unit: "%",
    measure: { metric, statistic: "Minimum" },
    condition: (limit) => ({
      threshold: 100 * limit,
      ...SUSTAINED,
      missingData: "notBreaching",
    }),
    action: `The class is ${machine.name}. If its baseline is too low for the load, choose a larger sark.rds.instanceClass.`,
  });
  const { iops, throughput } = machine;
  return compact(
    iops.sustained < iops.burst && balance("io-balance", "EBSIOBalance%"),
    throughput.sustained < throughput.burst && balance("byte-balance", "EBSByteBalance%"),
  );
}
