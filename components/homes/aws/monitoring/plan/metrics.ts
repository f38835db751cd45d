/**
 * Figures that AWS publishes of a server or a vault, as far as an alarm looks at them.
 *
 * - `AWS/RDS`: Amazon RDS User Guide, "Amazon CloudWatch metrics for Amazon RDS" (rds-metrics). A server is the
 *   dimension `DBInstanceIdentifier`. What that page marks as another engine's, or that only Aurora has
 *   (`Deadlocks`, `CommitLatency`), is not here, and neither is `BurstBalance`: it is of gp2 volumes only.
 * - `AWS/RDS`, `DBLoad`: the same guide, "Amazon CloudWatch metrics for Performance Insights".
 * - `AWS/Backup`: AWS Backup Developer Guide, "Monitoring AWS Backup metrics using Amazon CloudWatch".
 */
export type MetricName =
  | "CPUUtilization"
  | "CPUCreditBalance"
  | "DatabaseConnections"
  | "DBLoad"
  | "DiskQueueDepth"
  | "EBSByteBalance%"
  | "EBSIOBalance%"
  | "FreeableMemory"
  | "FreeStorageSpace"
  | "MaximumUsedTransactionIDs"
  | "OldestReplicationSlotLag"
  | "ReadIOPS"
  | "ReadLatency"
  | "ReadThroughput"
  | "ReplicaLag"
  | "SwapUsage"
  | "TransactionLogsDiskUsage"
  | "WriteIOPS"
  | "WriteLatency"
  | "WriteThroughput"
  | "NumberOfBackupJobsCompleted"
  | "NumberOfBackupJobsFailed"
  | "NumberOfCopyJobsFailed";

/**
 * Counters of PostgreSQL that CloudWatch has no metric for and reads from Performance Insights instead. The same guide,
 * "Performance Insights counter metrics", native and non-native counters for RDS for PostgreSQL.
 */
export type CounterName =
  | "db.Cache.blks_hit.avg"
  | "db.Concurrency.deadlocks.avg"
  | "db.IO.blks_read.avg"
  | "db.WAL.archive_failed_count.avg";

/**
 * CloudWatch's function for a counter, in its metric math ("Metric math syntax and functions").
 * @param resource the server's DbiResourceId, `db-ABC...`; its identifier will not do
 */
export function counterExpression(counter: CounterName, resource: string): string {
  return `DB_PERF_INSIGHTS('RDS', '${resource}', '${counter}')`;
}
