import { databaseAlarms } from "./database-alarm-plan";
import { machineAlarms } from "./machine-alarms";
import type { Alarm, WatchedServer } from "./alarm-definition";
import { storageAlarms } from "./storage-alarms";

/**
 * CloudWatch alarms of one RDS server: metric, threshold, description. Pure data; `components/homes/aws/monitoring`
 * turns it into resources. To add an alarm, add it to the list of its topic in this directory: machine-alarms.ts,
 * storage-alarms.ts or database-alarm-plan.ts. Alarms on AWS Backup are in backup-alarms.ts.
 *
 * Thresholds are the guide's where it gives one. It gives none for CPU, memory and swap; there the reason is beside the
 * threshold. The guide also asks for metrics that RDS does not have: time to get a connection, statements over 30 s,
 * transactions a second. PgBouncer and the exporter measure some of them.
 */
export function serverAlarms(server: WatchedServer): readonly Alarm[] {
  return [...machineAlarms(server), ...storageAlarms(server), ...databaseAlarms(server)];
}
