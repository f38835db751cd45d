/**
 * Figures that AWS publishes of a server or a vault, as far as an alarm looks at them.
 *
 * - `AWS/RDS`: Amazon RDS User Guide, "Amazon CloudWatch metrics for Amazon RDS" (rds-metrics), with their units. A
 *   server is the dimension `DBInstanceIdentifier`. What that page marks as another engine's, or that only Aurora has
 *   (`Deadlocks`, `CommitLatency`), is not here, and neither is `BurstBalance`: it is of gp2 volumes only.
 * - `AWS/RDS`, `DBLoad`: the same guide, "Amazon CloudWatch metrics for Performance Insights".
 * - `AWS/Backup`: AWS Backup Developer Guide, "Monitoring AWS Backup metrics using Amazon CloudWatch".
 */
export const METRICS = {
  CPUUtilization: { namespace: "AWS/RDS", unit: "Percent" },
  CPUCreditBalance: { namespace: "AWS/RDS", unit: "Credits (vCPU-minutes)" },
  DatabaseConnections: { namespace: "AWS/RDS", unit: "Count" },
  DBLoad: { namespace: "AWS/RDS", unit: "Sessions" },
  DiskQueueDepth: { namespace: "AWS/RDS", unit: "Count" },
  "EBSByteBalance%": { namespace: "AWS/RDS", unit: "Percent" },
  "EBSIOBalance%": { namespace: "AWS/RDS", unit: "Percent" },
  FreeableMemory: { namespace: "AWS/RDS", unit: "Bytes" },
  FreeStorageSpace: { namespace: "AWS/RDS", unit: "Bytes" },
  MaximumUsedTransactionIDs: { namespace: "AWS/RDS", unit: "Count" },
  OldestReplicationSlotLag: { namespace: "AWS/RDS", unit: "Bytes" },
  ReadIOPS: { namespace: "AWS/RDS", unit: "Count/Second" },
  ReadLatency: { namespace: "AWS/RDS", unit: "Seconds" },
  ReadThroughput: { namespace: "AWS/RDS", unit: "Bytes/Second" },
  ReplicaLag: { namespace: "AWS/RDS", unit: "Seconds" },
  SwapUsage: { namespace: "AWS/RDS", unit: "Bytes" },
  TransactionLogsDiskUsage: { namespace: "AWS/RDS", unit: "Bytes" },
  WriteIOPS: { namespace: "AWS/RDS", unit: "Count/Second" },
  WriteLatency: { namespace: "AWS/RDS", unit: "Seconds" },
  WriteThroughput: { namespace: "AWS/RDS", unit: "Bytes/Second" },
  NumberOfBackupJobsCompleted: { namespace: "AWS/Backup", unit: "Count" },
  NumberOfBackupJobsFailed: { namespace: "AWS/Backup", unit: "Count" },
  NumberOfCopyJobsFailed: { namespace: "AWS/Backup", unit: "Count" },
} as const;

export type MetricName = keyof typeof METRICS;

/**
 * Counters of PostgreSQL that CloudWatch has no metric for and reads from Performance Insights instead. The same guide,
 * "Performance Insights counter metrics", native and non-native counters for RDS for PostgreSQL.
 */
export const COUNTERS = {
  "db.Cache.blks_hit.avg": { unit: "Blocks/Second" },
  "db.Concurrency.deadlocks.avg": { unit: "Deadlocks/Minute" },
  "db.IO.blks_read.avg": { unit: "Blocks/Second" },
  "db.WAL.archive_failed_count.avg": { unit: "Files/Minute" },
} as const;

export type CounterName = keyof typeof COUNTERS;

/** Units of the figures, and of what expressions make of them. */
export type Unit =
  | (typeof METRICS)[MetricName]["unit"]
  | (typeof COUNTERS)[CounterName]["unit"]
  | "Days"
  | "Samples";

/**
 * CloudWatch's function for a counter, in its metric math ("Metric math syntax and functions").
 * @param resource the server's DbiResourceId, `db-ABC...`; its identifier will not do
 */
export function counterExpression(counter: CounterName, resource: string): string {
  return `DB_PERF_INSIGHTS('RDS', '${resource}', '${counter}')`;
}
