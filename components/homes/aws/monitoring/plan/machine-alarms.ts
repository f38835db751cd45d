import { MINUTE } from "../../../../objectives/plan/objective";
import { SUSTAINED, type Watch, type WatchedServer } from "./alarm-definition";

const MiB = 2 ** 20;

/** How CloudWatch watches a server's CPU, memory, connections and availability. */
export function machineWatches(server: WatchedServer): readonly Watch[] {
  return [
    connections(server),
    cpu,
    load(server),
    memory(server),
    swap(server),
    ...credits(server),
    noMetrics,
  ];
}

function connections({ maxConnections }: WatchedServer): Watch {
  return {
    name: "connections",
    objective: "connections",
    unit: "sessions",
    measure: { metric: "DatabaseConnections", statistic: "Maximum" },
    condition: (limit, severity) => ({
      threshold: maxConnections * limit,
      period: MINUTE,
      periods: severity === "warning" ? 5 : 3,
    }),
    action:
      `max_connections is ${maxConnections}. Check in pg_stat_activity who holds them, and whether they wait for a ` +
      "lock. To allow more, raise the settings pool.* and connections together, which restarts the server.",
  };
}

const cpu: Watch = {
  name: "cpu",
  objective: "cpu",
  unit: "%",
  measure: { metric: "CPUUtilization", statistic: "Average" },
  condition: (limit) => ({ threshold: 100 * limit, ...SUSTAINED }),
  action:
    "Find the top statements in Performance Insights or pg_stat_statements. " +
    "If they are efficient, choose a larger sark.rds.instanceClass, which restarts the server.",
};

function load({ machine: { vcpus } }: WatchedServer): Watch {
  return {
    name: "load",
    objective: "load",
    unit: "sessions",
    measure: { metric: "DBLoad", statistic: "Average" },
    condition: (limit) => ({
      threshold: limit * vcpus,
      ...SUSTAINED,
      // Published only while there is load.
      missingData: "notBreaching",
    }),
    action:
      `The class has ${vcpus} vCPUs. Check in Performance Insights what the sessions wait for: locks, disk or CPU. ` +
      "Start with the top statement.",
  };
}

/** Memory that the kernel can still hand out, page cache included. */
function memory({ machine }: WatchedServer): Watch {
  return {
    name: "memory",
    objective: "memory",
    unit: "bytes",
    measure: { metric: "FreeableMemory", statistic: "Average" },
    condition: (limit) => ({ threshold: machine.memory * limit, ...SUSTAINED }),
    action:
      "Check whether connections or work_mem were raised by hand, and which sessions use most. " +
      "If the load is normal, choose a larger sark.rds.instanceClass, which restarts the server.",
  };
}

/** Fires at 256 MiB or more: a small server has swapped that much when all is well. */
function swap({ machine }: WatchedServer): Watch {
  return {
    name: "swap",
    objective: "swap",
    unit: "bytes",
    measure: { metric: "SwapUsage", statistic: "Average" },
    condition: (limit) => ({
      threshold: Math.max(256 * MiB, machine.memory * limit),
      ...SUSTAINED,
    }),
    action: "Reduce sessions or their memory, or choose a larger sark.rds.instanceClass.",
  };
}

/** Burstable classes only. A credit is a minute of one vCPU. */
function credits({ machine: { name, vcpus } }: WatchedServer): readonly Watch[] {
  if (!/^db\.t\d/.test(name)) return [];
  return [
    {
      name: "cpu-credits",
      objective: "cpu-credits",
      unit: "credits",
      measure: { metric: "CPUCreditBalance", statistic: "Minimum" },
      // AWS publishes credits every five minutes.
      condition: (limit) => ({ threshold: (vcpus * limit) / MINUTE, ...SUSTAINED }),
      action: `The class is ${name}. For a sustained load, choose one that is not burstable: sark.rds.instanceClass.`,
    },
  ];
}

/** A server that is stopped or lost publishes no metrics, and no other alarm would fire. */
const noMetrics: Watch = {
  name: "silent",
  objective: "server-down",
  unit: "values a minute",
  measure: { metric: "CPUUtilization", statistic: "SampleCount" },
  condition: (threshold) => ({ threshold, period: MINUTE, periods: 10 }),
  action:
    "CloudWatch has had no metrics from it for 10 minutes. Check its status and its latest events in RDS; " +
    "a failover or a restart takes less time than this.",
};
