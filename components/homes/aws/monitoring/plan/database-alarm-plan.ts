import {
  type Alarm,
  HOUR,
  SUSTAINED,
  MINUTE,
  type WatchedServer,
  warningAndCritical,
} from "./alarm-definition";

/**
 * Used transaction IDs. PostgreSQL stops accepting writes three million short of 2^31. Autovacuum freezes from 200
 * million on (autovacuum_freeze_max_age), so half a billion means that freezing is blocked or too slow. At a billion
 * AWS advises to act ("Implement an early warning system for transaction ID wraparound in Amazon RDS").
 */
const TRANSACTION_IDS = { warning: 500_000_000, critical: 1_000_000_000 } as const;

/**
 * Replica lag of an idle primary, in seconds. RDS switches the WAL segment every five minutes, so its replica reports
 * up to five minutes of lag (user guide, "Read replica limitations with PostgreSQL"). That is normal.
 */
const IDLE_LAG = 300;

/** Cache hit ratio in per cent: the guide's threshold. */
const CACHE_HITS = 95;

/** Alarms on the database itself: locks, cache, transaction IDs, WAL, archiving and replication. */
export function databaseAlarms(server: WatchedServer): readonly Alarm[] {
  if (server.role === "replica") return [cache, ...lag(server)];
  return [
    deadlocks,
    cache,
    ...transactionIds,
    ...walSize(server),
    ...(server.replicas > 0 ? slots(server) : []),
    archive,
  ];
}

/** Ignores single deadlocks, which the application retries; repeated ones are a fault in the application. */
const deadlocks: Alarm = {
  name: "deadlocks",
  severity: "warning",
  measure: {
    expression: "deadlocks",
    counters: { deadlocks: "db.Concurrency.deadlocks.avg" },
  },
  threshold: 0,
  period: 5 * MINUTE,
  datapoints: 3,
  periods: 12,
  missingData: "notBreaching",
  summary: "Repeated deadlocks. PostgreSQL aborts one transaction of each.",
  action: "Find both statements in the server log, and make them take locks in the same order.",
};

const cache: Alarm = {
  name: "cache-hits",
  severity: "warning",
  measure: {
    // With 100 blocks a second or fewer, the ratio means nothing.
    expression: "IF(found + fetched > 100, 100 * found / (found + fetched), 100)",
    counters: { found: "db.Cache.blks_hit.avg", fetched: "db.IO.blks_read.avg" },
  },
  side: "below",
  threshold: CACHE_HITS,
  period: HOUR,
  periods: 3,
  missingData: "notBreaching",
  summary: `Cache hit ratio below ${CACHE_HITS} %. Statements wait for disk reads.`,
  action:
    "Look for sequential scans of large tables first. If the working set exceeds memory, " +
    "choose a larger sark.rds.instanceClass.",
};

const transactionIds: readonly Alarm[] = warningAndCritical(
  {
    name: "transaction-ids",
    measure: { metric: "MaximumUsedTransactionIDs", statistic: "Maximum" },
    summary:
      "Transaction ID wraparound is approaching. At two billion IDs the server stops accepting writes.",
    action:
      "End what blocks freezing: long-running or prepared transactions, replication slots. " +
      "Then run VACUUM (FREEZE) on the tables with the highest age(relfrozenxid).",
  },
  {
    warning: { threshold: TRANSACTION_IDS.warning, period: HOUR, periods: 1 },
    critical: { threshold: TRANSACTION_IDS.critical, period: HOUR, periods: 1 },
  },
);

/** Fires above max_wal_size plus max_slot_wal_keep_size: something retains WAL that neither of them limits. */
function walSize({ wal }: WatchedServer): readonly Alarm[] {
  return warningAndCritical(
    {
      name: "log-size",
      measure: { metric: "TransactionLogsDiskUsage", statistic: "Average" },
      summary: "WAL takes more storage than its settings allow. It can fill the volume.",
      action:
        "Find what retains it: archiving (pg_stat_archiver), a replica or a slot (pg_replication_slots).",
    },
    {
      warning: { threshold: wal.max + wal.slots, ...SUSTAINED },
      critical: { threshold: 2 * (wal.max + wal.slots), ...SUSTAINED },
    },
  );
}

/** A replica that falls further behind than its slot may retain has to be rebuilt. */
function slots({ wal }: WatchedServer): readonly Alarm[] {
  return warningAndCritical(
    {
      name: "slot-lag",
      measure: { metric: "OldestReplicationSlotLag", statistic: "Maximum" },
      missingData: "notBreaching",
      summary: `A replication slot retains too much WAL. Above ${wal.slots / 2 ** 20} MiB it is invalidated.`,
      action:
        "Find the replica that lags or is gone (pg_replication_slots). Drop a slot only if nothing reads from it.",
    },
    {
      warning: { threshold: wal.slots * 0.5, ...SUSTAINED },
      critical: { threshold: wal.slots * 0.8, ...SUSTAINED },
    },
  );
}

/** WAL that is not archived exists on the server only. */
const archive: Alarm = {
  name: "archive-failures",
  severity: "critical",
  measure: {
    expression: "failures",
    counters: { failures: "db.WAL.archive_failed_count.avg" },
  },
  threshold: 0,
  ...SUSTAINED,
  missingData: "notBreaching",
  summary: "WAL archiving fails. The latest restorable time no longer advances.",
  action:
    "Check the RDS events of the server, as RDS does the archiving. Contact AWS Support if it continues.",
};

/** Fires above the lag that an idle primary and a long report together explain. */
function lag({ reportSeconds }: WatchedServer): readonly Alarm[] {
  const normal = IDLE_LAG + reportSeconds;
  return warningAndCritical(
    {
      name: "replica-lag",
      measure: { metric: "ReplicaLag", statistic: "Maximum" },
      summary:
        "Replica lag is high. Reads are stale, and a promotion would lose the missing transactions.",
      action:
        "Find the statement that blocks replay in pg_stat_activity, and check whether the class is too small. " +
        "Read from the primary until it catches up.",
    },
    {
      warning: { threshold: normal, period: MINUTE, periods: 5 },
      // A replica that stopped replicating publishes no lag.
      critical: { threshold: 2 * normal, period: MINUTE, periods: 10, missingData: "breaching" },
    },
  );
}
