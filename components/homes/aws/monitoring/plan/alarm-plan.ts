import type { Overrides } from "../../../../objectives/plan/catalogue";
import type { Alarm, Watch, WatchedServer } from "./alarm-definition";
import { databaseWatches } from "./database-alarm-plan";
import { machineWatches } from "./machine-alarms";
import { alarmsOn } from "./objective-alarms";
import { storageWatches } from "./storage-alarms";

/**
 * How CloudWatch watches the objectives of one RDS server. Pure data; `components/homes/aws/monitoring` turns it into
 * alarms and panels of a dashboard. To watch another objective, add it to the list of its topic in this directory:
 * machine-alarms.ts, storage-alarms.ts or database-alarm-plan.ts. Those of AWS Backup are in backup-alarms.ts.
 *
 * Limits and summaries are the catalogue's (`components/objectives`). RDS has no metric for some of its objectives, such
 * as statements over 30 s or the wait for a connection.
 */
function serverWatches(server: WatchedServer): readonly Watch[] {
  return [...machineWatches(server), ...storageWatches(server), ...databaseWatches(server)];
}

/** CloudWatch alarms of one RDS server: metric, threshold, description. */
export function serverAlarms(server: WatchedServer, overrides: Overrides = {}): readonly Alarm[] {
  return serverWatches(server).flatMap((watch) => alarmsOn(watch, overrides));
}
