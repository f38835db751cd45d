import { type Alarm, LASTING, MINUTE, type WatchedServer, inSteps } from "./shape";

/** Shares of max_connections: the guide's goal for active connections, and its critical threshold. */
const CONNECTIONS = { warning: 0.8, critical: 0.9 } as const;

const MiB = 2 ** 20;

/** What is watched of a server's processors, memory and sessions. */
export function machineAlarms(server: WatchedServer): readonly Alarm[] {
  return [
    ...connections(server),
    ...processors,
    ...load(server),
    ...memory(server),
    swap(server),
    ...credits(server),
    silence,
  ];
}

function connections({ maxConnections }: WatchedServer): readonly Alarm[] {
  return inSteps(
    {
      name: "connections",
      measure: { metric: "DatabaseConnections", statistic: "Maximum" },
      summary: `Connections come near max_connections (${maxConnections}); beyond it new ones are refused.`,
      action:
        "See in pg_stat_activity whose they are, and whether they wait for a lock. " +
        "More of them need pool.* and connections of the settings together, which restarts the server.",
    },
    {
      warning: { threshold: maxConnections * CONNECTIONS.warning, period: MINUTE, periods: 5 },
      critical: { threshold: maxConnections * CONNECTIONS.critical, period: MINUTE, periods: 3 },
    },
  );
}

/** At 80 % sessions begin to wait for one another, and the next peak has no room. */
const processors: readonly Alarm[] = inSteps(
  {
    name: "cpu",
    measure: { metric: "CPUUtilization", statistic: "Average" },
    summary: "The processors are busy, and statements take longer.",
    action:
      "Find the statements in Performance Insights or pg_stat_statements; " +
      "if they are as they should be, take a larger sark.rds.instanceClass, which restarts the server.",
  },
  { warning: { threshold: 80, ...LASTING }, critical: { threshold: 95, ...LASTING } },
);

/** More sessions that work or wait than there are processors: some of them stand in a queue. */
function load({ machine: { vcpus } }: WatchedServer): readonly Alarm[] {
  return inSteps(
    {
      name: "load",
      measure: { metric: "DBLoad", statistic: "Average" },
      // Published while there is load, only.
      missing: "notBreaching",
      summary: `More sessions are active than the ${vcpus} processors can serve.`,
      action:
        "Performance Insights shows what they wait for: a lock, the disk, or a processor. " +
        "The statement at its top is the one to look at.",
    },
    { warning: { threshold: vcpus, ...LASTING }, critical: { threshold: 2 * vcpus, ...LASTING } },
  );
}

/** What the kernel could still hand out, its cache included; below a twentieth it begins to end processes. */
function memory({ machine }: WatchedServer): readonly Alarm[] {
  return inSteps(
    {
      name: "memory",
      measure: { metric: "FreeableMemory", statistic: "Average" },
      trouble: "below",
      summary: "Little memory is left; without any, the kernel ends the server's processes.",
      action:
        "See whether connections or work_mem were raised by hand, and which sessions hold much. " +
        "A larger sark.rds.instanceClass restarts the server.",
    },
    {
      warning: { threshold: machine.memory / 10, ...LASTING },
      critical: { threshold: machine.memory / 20, ...LASTING },
    },
  );
}

/** A few pages that nobody needs are always swapped out; a 32nd of the memory, or 256 MiB, is more than those. */
function swap({ machine }: WatchedServer): Alarm {
  return {
    name: "swap",
    severity: "warning",
    measure: { metric: "SwapUsage", statistic: "Average" },
    threshold: Math.max(256 * MiB, machine.memory / 32),
    ...LASTING,
    summary: "The server swaps: what it looks for in memory is on disk.",
    action: "As with little memory: fewer or smaller sessions, or a larger sark.rds.instanceClass.",
  };
}

/** Of the burstable classes alone: with less than half an hour of all processors left, a peak is throttled or billed. */
function credits({ machine: { name, vcpus } }: WatchedServer): readonly Alarm[] {
  if (!/^db\.t\d/.test(name)) return [];
  return [
    {
      name: "cpu-credits",
      severity: "warning",
      measure: { metric: "CPUCreditBalance", statistic: "Minimum" },
      trouble: "below",
      threshold: vcpus * 30,
      // AWS counts credits every five minutes.
      ...LASTING,
      summary: `The burstable class ${name} has used up what it saved.`,
      action: "For a load that lasts, take a class that is not burstable: sark.rds.instanceClass.",
    },
  ];
}

/** Of a server that is stopped, lost or gone nothing is published, and no other alarm would tell. */
const silence: Alarm = {
  name: "silent",
  severity: "critical",
  measure: { metric: "CPUUtilization", statistic: "SampleCount" },
  trouble: "below",
  threshold: 1,
  period: MINUTE,
  periods: 10,
  missing: "breaching",
  summary: "Nothing was heard of the server for ten minutes.",
  action:
    "See its state and its latest events on RDS; a failover or a restart takes less time than this.",
};
