import type { DatabaseName } from "../../../roles/plan/role-plan";
import {
  type Settings,
  databaseSettings,
  replicaCount,
} from "../../../settings/plan/settings-schema";

/** What a database on Kubernetes is not, by its settings. */
export function limitsOf(settings: Settings, database: DatabaseName): readonly string[] {
  const { synchronous } = databaseSettings(settings, database);
  const standbys = replicaCount(settings, database);
  const sentences: readonly (readonly [boolean, string])[] = [
    [
      standbys === 0,
      "it has one server: while that restarts or moves to another node, nobody is served",
    ],
    [
      standbys > 0 && synchronous.replicas === 0,
      "a commit waits for no stand-by: a failover may lose the last moments",
    ],
    [
      synchronous.replicas > 0 && synchronous.durability === "preferred",
      "while too few stand-bys are there commits go on unconfirmed, and a failover may lose them",
    ],
    [
      settings.backups.bucket === undefined,
      "it has no backups: what is lost with its volumes is lost",
    ],
  ];
  return sentences.filter(([applies]) => applies).map(([, sentence]) => sentence);
}
