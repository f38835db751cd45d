import {
  type Alarm,
  DAY,
  HOUR,
  LASTING,
  MINUTE,
  type Statistic,
  type WatchedServer,
  inSteps,
} from "./shape";
import type { MetricName } from "./metrics";
import { present } from "../../../../text/present";

const MiB = 2 ** 20;

/** Seconds: the guide's goal for 95 % of the statements, and its critical threshold for 99 %. */
const STATEMENTS = { p95: 0.05, p99: 0.2 } as const;

/** Pages that an index look-up reads one after another when nothing is in memory: four levels and the row. */
const READS_A_STATEMENT = 5;

/** What is watched of a server's volume. */
export function storageAlarms(server: WatchedServer): readonly Alarm[] {
  return [
    ...space(server),
    ...daysLeft,
    ...operations(server),
    ...throughput(server),
    queue(server),
    ...latency("read", "ReadLatency"),
    ...latency("write", "WriteLatency"),
    ...balances(server),
  ];
}

/**
 * RDS enlarges a volume of which less than 10 % has been free for five minutes, at most once in six hours (user guide,
 * "Managing capacity automatically with Amazon RDS storage autoscaling"). So a warning is for what it did not do within
 * an hour, and half of that share cannot wait.
 */
function space({ volume: { size } }: WatchedServer): readonly Alarm[] {
  return inSteps(
    {
      name: "storage",
      measure: { metric: "FreeStorageSpace", statistic: "Minimum" },
      trouble: "below",
      summary:
        "Little storage is free, and RDS has not enlarged the volume. A full one stops the server.",
      action:
        "Raise sark.rds.storage.maximum, or sark.size.storage.size at once; a volume never shrinks. " +
        "What holds it: old rows, bloat, a replication slot, temporary files.",
    },
    {
      warning: { threshold: size / 10, period: 15 * MINUTE, periods: 4 },
      critical: { threshold: size / 20, ...LASTING },
    },
  );
}

/**
 * Days until the volume is full if it goes on as in the last six hours: what is free, by what is lost each day. RATE is
 * the change a second from one period to the next; where nothing is lost, ten years. What RDS may add to the volume is
 * left out: a warning of a week is time to decide on that, and within two days it would come too often for its pace.
 */
const daysLeft: readonly Alarm[] = inSteps(
  {
    name: "storage-days",
    measure: {
      expression: `IF(RATE(free) < 0, free / (RATE(free) * -${DAY}), 3650)`,
      metrics: { free: { metric: "FreeStorageSpace", statistic: "Average" } },
    },
    trouble: "below",
    summary: "At this pace the volume is full within days.",
    action:
      "Find what grows: pg_stat_user_tables, replication slots, temporary files. " +
      "If it is to grow, see that sark.rds.storage.maximum leaves room.",
  },
  {
    // The first of the periods has none before it, and so no rate.
    warning: { threshold: 7, period: 6 * HOUR, breaching: 3, periods: 4 },
    critical: { threshold: 2, period: 6 * HOUR, breaching: 2, periods: 3 },
  },
);

/** The lower of what the volume and the class do decides; a burst of the class lasts half an hour a day. */
function operations({ volume, machine }: WatchedServer): readonly Alarm[] {
  return atLimit({
    name: "iops",
    reads: "ReadIOPS",
    writes: "WriteIOPS",
    kept: Math.min(volume.iops, machine.iops.sustained),
    most: Math.min(volume.iops, machine.iops.burst),
    summary: "The volume does nearly all operations a second that it or the class is able to.",
  });
}

function throughput({ volume, machine }: WatchedServer): readonly Alarm[] {
  return atLimit({
    name: "throughput",
    reads: "ReadThroughput",
    writes: "WriteThroughput",
    kept: Math.min(volume.throughput, machine.throughput.sustained) * MiB,
    most: Math.min(volume.throughput, machine.throughput.burst) * MiB,
    summary: "The volume moves nearly all bytes a second that it or the class is able to.",
  });
}

interface AtLimit extends Pick<Alarm, "name" | "summary"> {
  readonly reads: MetricName;
  readonly writes: MetricName;
  /** What the server keeps up, and what it reaches for a while. */
  readonly kept: number;
  readonly most: number;
}

function atLimit({ reads, writes, kept, most, ...alarm }: AtLimit): readonly Alarm[] {
  return inSteps(
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
        "Find who reads or writes in Performance Insights; checkpoints and vacuums count as well. " +
        "Then more of sark.rds.storage, or a class with a wider way to its disks.",
    },
    {
      warning: { threshold: kept * 0.8, ...LASTING },
      critical: { threshold: most * 0.95, ...LASTING },
    },
  );
}

/** By Little's law: operations that are under way when the volume does all it can, each within its share of a statement. */
function queue({ volume, machine }: WatchedServer): Alarm {
  const kept = Math.min(volume.iops, machine.iops.sustained);
  return {
    name: "disk-queue",
    severity: "warning",
    measure: { metric: "DiskQueueDepth", statistic: "Average" },
    threshold: (kept * STATEMENTS.p95) / READS_A_STATEMENT,
    ...LASTING,
    summary: "More operations wait for the volume than it can do in time.",
    action: "As with operations at their limit: fewer of them, or more of sark.rds.storage.",
  };
}

/**
 * RDS does not measure how long statements take, but how long the volume does for one operation. A statement that is to
 * take no longer than the guide's figure, and reads so many pages in turn, leaves each of them its share. CloudWatch has
 * percentiles of RDS's metrics; they are taken of the averages of minutes, fifteen of them at a time.
 */
function latency(name: string, metric: MetricName): readonly Alarm[] {
  const measured = (statistic: Statistic) => ({ measure: { metric, statistic } });
  const lasting = { period: 15 * MINUTE, periods: 2 };
  return inSteps(
    {
      name: `${name}-latency`,
      ...measured("p95"),
      missing: "notBreaching",
      summary: `The volume takes long to ${name}: statements that need it miss the guide's goals.`,
      action:
        "See whether operations, throughput or the class's credit are at their limit; " +
        "otherwise it is the volume's own fault, and Amazon's to mend.",
    },
    {
      warning: { threshold: STATEMENTS.p95 / READS_A_STATEMENT, ...lasting },
      critical: { ...measured("p99"), threshold: STATEMENTS.p99 / READS_A_STATEMENT, ...lasting },
    },
  );
}

/** Of classes that reach their volumes faster for half an hour a day than for the rest of it. */
function balances({ machine }: WatchedServer): readonly Alarm[] {
  const balance = (name: string, metric: MetricName): Alarm => ({
    name,
    severity: "warning",
    measure: { metric, statistic: "Minimum" },
    trouble: "below",
    threshold: 20,
    ...LASTING,
    missing: "notBreaching",
    summary: `The class ${machine.name} has nearly used up the burst of its way to the disks.`,
    action:
      "When it is gone, the class's sustained figures hold: take a larger one if they are too low.",
  });
  const { iops, throughput } = machine;
  return present(
    iops.sustained < iops.burst && balance("io-balance", "EBSIOBalance%"),
    throughput.sustained < throughput.burst && balance("byte-balance", "EBSByteBalance%"),
  );
}
