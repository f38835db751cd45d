import { type Alarm, HOUR, LASTING, MINUTE, type WatchedServer, inSteps } from "./shape";

/**
 * Transaction ids in use: PostgreSQL stops accepting writes three million short of 2^31, and freezes of its own accord
 * from 200 million on (autovacuum_freeze_max_age). Half a billion says that freezing does not get through; a billion is
 * where AWS advises to act ("Implement an early warning system for transaction ID wraparound in Amazon RDS").
 */
const TRANSACTION_IDS = { warning: 500_000_000, critical: 1_000_000_000 } as const;

/**
 * Seconds. RDS switches the log's segment every five minutes, so that a replica of an idle primary reports a lag of up
 * to five minutes (user guide, "Read replica limitations with PostgreSQL"): that alone is no trouble.
 */
const IDLE_LAG = 300;

/** Per cent of the blocks that are found in memory: the guide's figure. */
const CACHE_HITS = 95;

/** What is watched of the work inside a server, and of what it hands on to others. */
export function databaseAlarms(server: WatchedServer): readonly Alarm[] {
  if (server.role === "replica") return [cache, ...lag(server)];
  return [
    deadlocks,
    cache,
    ...transactionIds,
    ...log(server),
    ...(server.replicas > 0 ? slots(server) : []),
    archive,
  ];
}

/** One deadlock is undone and tried again; one after another is a fault of the application. */
const deadlocks: Alarm = {
  name: "deadlocks",
  severity: "warning",
  measure: {
    expression: "deadlocks",
    counters: { deadlocks: "db.Concurrency.deadlocks.avg" },
  },
  threshold: 0,
  period: 5 * MINUTE,
  breaching: 3,
  periods: 12,
  missing: "notBreaching",
  summary: "Transactions keep one another from going on, again and again.",
  action: "The server's log names both statements: make them take their locks in one order.",
};

const cache: Alarm = {
  name: "cache-hits",
  severity: "warning",
  measure: {
    // A server with next to nothing to do says nothing about its memory.
    expression: "IF(found + fetched > 100, 100 * found / (found + fetched), 100)",
    counters: { found: "db.Cache.blks_hit.avg", fetched: "db.IO.blks_read.avg" },
  },
  trouble: "below",
  threshold: CACHE_HITS,
  period: HOUR,
  periods: 3,
  missing: "notBreaching",
  summary: "Too many blocks are read from the disk, and not found in memory.",
  action:
    "Look for scans of whole tables first. If what is used is larger than the memory, " +
    "take a larger sark.rds.instanceClass.",
};

const transactionIds: readonly Alarm[] = inSteps(
  {
    name: "transaction-ids",
    measure: { metric: "MaximumUsedTransactionIDs", statistic: "Maximum" },
    summary: "Old transactions are not frozen; at two billion the server takes no more writes.",
    action:
      "End what holds them back: a transaction that is open for days, a prepared one, a replication slot. " +
      "Then vacuum (freeze) the tables with the highest age(relfrozenxid).",
  },
  {
    warning: { threshold: TRANSACTION_IDS.warning, period: HOUR, periods: 1 },
    critical: { threshold: TRANSACTION_IDS.critical, period: HOUR, periods: 1 },
  },
);

/** More than both bounds of the log together: something holds it back that neither of them bounds. */
function log({ wal }: WatchedServer): readonly Alarm[] {
  return inSteps(
    {
      name: "log-size",
      measure: { metric: "TransactionLogsDiskUsage", statistic: "Average" },
      summary: "The write-ahead log takes more of the volume than its settings leave it.",
      action:
        "See what it waits for: archiving (pg_stat_archiver), a replica or a slot (pg_replication_slots).",
    },
    {
      warning: { threshold: wal.max + wal.slots, ...LASTING },
      critical: { threshold: 2 * (wal.max + wal.slots), ...LASTING },
    },
  );
}

/** A replica that is further behind than its slot may hold has to be made anew. */
function slots({ wal }: WatchedServer): readonly Alarm[] {
  return inSteps(
    {
      name: "slot-lag",
      measure: { metric: "OldestReplicationSlotLag", statistic: "Maximum" },
      missing: "notBreaching",
      summary: `A replication slot holds back much of the log; from ${wal.slots / 2 ** 20} MiB on it is given up.`,
      action: "See which replica is behind or gone, and drop a slot that nobody reads.",
    },
    {
      warning: { threshold: wal.slots * 0.5, ...LASTING },
      critical: { threshold: wal.slots * 0.8, ...LASTING },
    },
  );
}

/** What is not archived can be restored from nothing but the server itself. */
const archive: Alarm = {
  name: "archive-failures",
  severity: "critical",
  measure: {
    expression: "failures",
    counters: { failures: "db.WAL.archive_failed_count.avg" },
  },
  threshold: 0,
  ...LASTING,
  missing: "notBreaching",
  summary: "The log is not archived: the latest point in time that can be restored stands still.",
  action:
    "RDS archives by itself: look at its events, and ask Amazon's support if it does not end.",
};

/** More than an idle primary and a report together explain. */
function lag({ reportSeconds }: WatchedServer): readonly Alarm[] {
  const usual = IDLE_LAG + reportSeconds;
  return inSteps(
    {
      name: "replica-lag",
      measure: { metric: "ReplicaLag", statistic: "Maximum" },
      summary: "The replica is behind: reports show what was, and a promotion would lose the rest.",
      action:
        "See in pg_stat_activity which statement holds the replay back, and whether the class is too small. " +
        "Until it has caught up, read from the primary.",
    },
    {
      warning: { threshold: usual, period: MINUTE, periods: 5 },
      // A replica that no longer follows has no lag at all.
      critical: { threshold: 2 * usual, period: MINUTE, periods: 10, missing: "breaching" },
    },
  );
}
