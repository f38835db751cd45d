import { clusterName, clusterNames } from "../plan/cluster-names";
import { clusteredDatabases } from "../../plan/databases-by-home";
import { type Settings, databaseSettings } from "../../../settings/plan/settings-schema";

/**
 * The clusters that the settings describe now, and those that they recover from: until PgBouncer follows to the new one,
 * at the end of that run, the application is served by the old one.
 */
export function clustersOf(settings: Settings): readonly string[] {
  return clusteredDatabases(settings).flatMap((database) => {
    const { recovery } = databaseSettings(settings, database);
    const before = recovery ? [clusterName(settings, database, recovery.generation - 1)] : [];
    return [...before, clusterNames(settings, database).cluster];
  });
}
