import type { Limits } from "../../../../objectives/plan/catalogue";
import { HOUR, MINUTE } from "../../../../objectives/plan/objective";
import { SUSTAINED, type Watch, type WatchedServer } from "./alarm-definition";

/**
 * Replica lag of an idle primary, in seconds. RDS switches the WAL segment every five minutes, so its replica reports
 * up to five minutes of lag (user guide, "Read replica limitations with PostgreSQL"). That is normal.
 */
const IDLE_LAG = 300;

/** How CloudWatch watches the database itself: locks, cache, transaction IDs, WAL, archiving and replication. */
export function databaseWatches(server: WatchedServer): readonly Watch[] {
  if (server.role === "replica") return [cache, lag(server)];
  return [
    deadlocks,
    cache,
    transactionIds,
    walSize(server),
    ...(server.replicas > 0 ? [slots(server)] : []),
    archive,
  ];
}

/**
 * RDS publishes deadlocks a second, not their number. So the alarm counts the five-minute periods with any, and fires if
 * there are more within an hour than the objective allows deadlocks.
 */
const deadlocks: Watch = {
  name: "deadlocks",
  objective: "deadlocks",
  unit: "deadlocks a second",
  measure: {
    expression: "deadlocks",
    counters: { deadlocks: "db.Concurrency.deadlocks.avg" },
  },
  condition: (limit) => ({
    threshold: 0,
    period: 5 * MINUTE,
    datapoints: Math.min(12, Math.max(1, Math.floor(limit) + 1)),
    periods: 12,
    missingData: "notBreaching",
  }),
  action: "Find both statements in the server log, and make them take locks in the same order.",
};

const cache: Watch = {
  name: "cache-hits",
  objective: "cache-hits",
  unit: "%",
  measure: {
    // With 100 blocks a second or fewer, the ratio means nothing.
    expression: "IF(found + fetched > 100, 100 * found / (found + fetched), 100)",
    counters: { found: "db.Cache.blks_hit.avg", fetched: "db.IO.blks_read.avg" },
  },
  condition: (limit) => ({
    threshold: 100 * limit,
    period: HOUR,
    periods: 3,
    missingData: "notBreaching",
  }),
  action:
    "Look for sequential scans of large tables first. If the working set exceeds memory, " +
    "choose a larger sark.rds.instanceClass.",
};

/** PostgreSQL stops accepting writes three million short of 2^31. */
const transactionIds: Watch = {
  name: "transaction-ids",
  objective: "transaction-ids",
  unit: "transaction IDs",
  measure: { metric: "MaximumUsedTransactionIDs", statistic: "Maximum" },
  condition: (threshold) => ({ threshold, period: HOUR, periods: 1 }),
  action:
    "End what blocks freezing: long-running or prepared transactions, replication slots. " +
    "Then run VACUUM (FREEZE) on the tables with the highest age(relfrozenxid).",
};

/** Fires above max_wal_size plus max_slot_wal_keep_size: something retains WAL that neither of them limits. */
function walSize({ wal }: WatchedServer): Watch {
  return {
    name: "log-size",
    objective: "wal-size",
    unit: "bytes",
    measure: { metric: "TransactionLogsDiskUsage", statistic: "Average" },
    condition: (limit) => ({ threshold: limit * (wal.max + wal.slots), ...SUSTAINED }),
    action:
      "Find what retains it: archiving (pg_stat_archiver), a replica or a slot (pg_replication_slots).",
  };
}

/** A replica that falls further behind than its slot may retain has to be rebuilt. */
function slots({ wal }: WatchedServer): Watch {
  return {
    name: "slot-lag",
    objective: "slot-retention",
    unit: "bytes",
    measure: { metric: "OldestReplicationSlotLag", statistic: "Maximum" },
    condition: (limit) => ({
      threshold: wal.slots * limit,
      ...SUSTAINED,
      missingData: "notBreaching",
    }),
    action:
      `Above ${wal.slots / 2 ** 20} MiB the slot is invalidated. Find the replica that lags or is gone ` +
      "(pg_replication_slots). Drop a slot only if nothing reads from it.",
  };
}

/** WAL that is not archived exists on the server only. */
const archive: Watch = {
  name: "archive-failures",
  objective: "wal-archiving",
  unit: "failures a second",
  measure: {
    expression: "failures",
    counters: { failures: "db.WAL.archive_failed_count.avg" },
  },
  condition: (threshold) => ({ threshold, ...SUSTAINED, missingData: "notBreaching" }),
  action:
    "Check the RDS events of the server, as RDS does the archiving. Contact AWS Support if it continues.",
};

/** Limits of replica-lag on RDS, where a report may delay replay for longer than elsewhere. */
export function lagLimits(reportSeconds: number): Limits {
  return { target: reportSeconds, critical: IDLE_LAG + 2 * reportSeconds };
}

/** The metric also rises while the primary is idle. */
function lag({ reportSeconds }: WatchedServer): Watch {
  return {
    name: "replica-lag",
    objective: "replica-lag",
    unit: "seconds",
    limits: lagLimits(reportSeconds),
    measure: { metric: "ReplicaLag", statistic: "Maximum" },
    condition: (limit, severity) => ({
      threshold: IDLE_LAG + limit,
      period: MINUTE,
      periods: severity === "warning" ? 5 : 10,
      // A replica that stopped replicating publishes no lag.
      missingData: severity === "warning" ? "missing" : "breaching",
    }),
    action:
      "Find the statement that blocks replay in pg_stat_activity, and check whether the class is too small. " +
      "Read from the primary until it catches up.",
  };
}
