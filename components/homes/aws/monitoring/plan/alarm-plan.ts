import { databaseAlarms } from "./database-alarm-plan";
import { machineAlarms } from "./machine-alarms";
import type { Alarm, WatchedServer } from "./shape";
import { storageAlarms } from "./storage-alarms";

/**
 * Alarms on servers on RDS: what is measured, from which figure on it is trouble, and what to do then. Pure data;
 * `components/homes/aws/monitoring` turns it into resources. To add an alarm, add it to the list of its topic:
 * machine-alarms.ts, storage-alarms.ts, database-alarm-plan.ts or, for what AWS Backup does, backup-alarms.ts.
 *
 * The figures are the guide's where it has one. It has none of how the machine fares; there the reason stands beside
 * the figure. What the guide asks for and RDS does not measure (time to get a connection, statements of more than 30 s,
 * transactions a second) is measured at PgBouncer and by the exporter, or by nobody.
 */
export function serverAlarms(server: WatchedServer): readonly Alarm[] {
  return [...machineAlarms(server), ...storageAlarms(server), ...databaseAlarms(server)];
}
