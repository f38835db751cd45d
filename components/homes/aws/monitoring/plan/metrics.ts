/**
 * CloudWatch metrics of servers and vaults that alarms use.
 *
 * - `AWS/RDS`: Amazon RDS User Guide, "Amazon CloudWatch metrics for Amazon RDS" (rds-metrics). The dimension of a
 *   server is `DBInstanceIdentifier`. Metrics of other engines and of Aurora (`Deadlocks`, `CommitLatency`) are left
 *   out, as is `BurstBalance`, which only gp2 volumes have.
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
 * PostgreSQL counters that have no CloudWatch metric; CloudWatch reads them from Performance Insights. The same guide,
 * "Performance Insights counter metrics", native and non-native counters for RDS for PostgreSQL.
 */
export type CounterName =
  | "db.Cache.blks_hit.avg"
  | "db.Concurrency.deadlocks.avg"
  | "db.IO.blks_read.avg"
  | "db.WAL.archive_failed_count.avg";

/**
 * CloudWatch's metric math function for a counter ("Metric math syntax and functions").
 * @param resource the server's DbiResourceId, `db-ABC...`, not its identifier
 */
export function counterExpression(counter: CounterName, resource: string): string {
  return `DB_PERF_INSIGHTS('RDS', '${resource}', '${counter}')`;
}
