import {
  type Alarm,
  SUSTAINED,
  MINUTE,
  type WatchedServer,
  warningAndCritical,
} from "./alarm-definition";

/** Shares of max_connections: the guide's goal and its critical threshold for active connections. */
const CONNECTIONS = { warning: 0.8, critical: 0.9 } as const;

const MiB = 2 ** 20;

/** Alarms on a server's CPU, memory, connections and availability. */
export function machineAlarms(server: WatchedServer): readonly Alarm[] {
  return [
    ...connections(server),
    ...cpu,
    ...load(server),
    ...memory(server),
    swap(server),
    ...credits(server),
    noMetrics,
  ];
}

function connections({ maxConnections }: WatchedServer): readonly Alarm[] {
  return warningAndCritical(
    {
      name: "connections",
      measure: { metric: "DatabaseConnections", statistic: "Maximum" },
      summary: `Connections near max_connections (${maxConnections}). New ones will be refused.`,
      action:
        "Check in pg_stat_activity who holds them, and whether they wait for a lock. " +
        "To allow more, raise the settings pool.* and connections together, which restarts the server.",
    },
    {
      warning: { threshold: maxConnections * CONNECTIONS.warning, period: MINUTE, periods: 5 },
      critical: { threshold: maxConnections * CONNECTIONS.critical, period: MINUTE, periods: 3 },
    },
  );
}

/** At 80 % sessions start to queue, and there is no headroom for the next peak. */
const cpu: readonly Alarm[] = warningAndCritical(
  {
    name: "cpu",
    measure: { metric: "CPUUtilization", statistic: "Average" },
    summary: "High CPU utilisation. Statements take longer.",
    action:
      "Find the top statements in Performance Insights or pg_stat_statements. " +
      "If they are efficient, choose a larger sark.rds.instanceClass, which restarts the server.",
  },
  { warning: { threshold: 80, ...SUSTAINED }, critical: { threshold: 95, ...SUSTAINED } },
);

/** Fires when more sessions are active, running or waiting, than there are vCPUs: some of them queue. */
function load({ machine: { vcpus } }: WatchedServer): readonly Alarm[] {
  return warningAndCritical(
    {
      name: "load",
      measure: { metric: "DBLoad", statistic: "Average" },
      // Published only while there is load.
      missingData: "notBreaching",
      summary: `More active sessions than ${vcpus} vCPUs can serve. Sessions queue.`,
      action:
        "Check in Performance Insights what they wait for: locks, disk or CPU. " +
        "Start with the top statement.",
    },
    {
      warning: { threshold: vcpus, ...SUSTAINED },
      critical: { threshold: 2 * vcpus, ...SUSTAINED },
    },
  );
}

/** Memory that the kernel can still hand out, page cache included. Below a twentieth it starts to kill processes. */
function memory({ machine }: WatchedServer): readonly Alarm[] {
  return warningAndCritical(
    {
      name: "memory",
      measure: { metric: "FreeableMemory", statistic: "Average" },
      side: "below",
      summary: "Low freeable memory. Without memory the kernel kills server processes.",
      action:
        "Check whether connections or work_mem were raised by hand, and which sessions use most. " +
        "If the load is normal, choose a larger sark.rds.instanceClass, which restarts the server.",
    },
    {
      warning: { threshold: machine.memory / 10, ...SUSTAINED },
      critical: { threshold: machine.memory / 20, ...SUSTAINED },
    },
  );
}

/** Some unused pages are always swapped out. A 32nd of the memory, and 256 MiB at least, is more than those. */
function swap({ machine }: WatchedServer): Alarm {
  return {
    name: "swap",
    severity: "warning",
    measure: { metric: "SwapUsage", statistic: "Average" },
    threshold: Math.max(256 * MiB, machine.memory / 32),
    ...SUSTAINED,
    summary: "Server is swapping. Memory access waits for the disk.",
    action: "Reduce sessions or their memory, or choose a larger sark.rds.instanceClass.",
  };
}

/** Burstable classes only. Below half an hour of all vCPUs, the next peak is throttled or billed extra. */
function credits({ machine: { name, vcpus } }: WatchedServer): readonly Alarm[] {
  if (!/^db\.t\d/.test(name)) return [];
  return [
    {
      name: "cpu-credits",
      severity: "warning",
      measure: { metric: "CPUCreditBalance", statistic: "Minimum" },
      side: "below",
      threshold: vcpus * 30,
      // AWS publishes credits every five minutes.
      ...SUSTAINED,
      summary: `CPU credits of ${name} nearly used up. CPU will be throttled or billed extra.`,
      action: "For a sustained load, choose a class that is not burstable: sark.rds.instanceClass.",
    },
  ];
}

/** A server that is stopped or lost publishes no metrics, and no other alarm would fire. */
const noMetrics: Alarm = {
  name: "silent",
  severity: "critical",
  measure: { metric: "CPUUtilization", statistic: "SampleCount" },
  side: "below",
  threshold: 1,
  period: MINUTE,
  periods: 10,
  missingData: "breaching",
  summary: "No metrics from the server for 10 minutes. It may be down.",
  action:
    "Check its status and its latest events in RDS; a failover or a restart takes less time than this.",
};
