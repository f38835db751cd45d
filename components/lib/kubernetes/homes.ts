import type { DatabaseName } from "../role-plan";
import { type Settings, databaseSettings } from "../settings-schema";

const DATABASES = ["sark", "sark_audit"] as const;

/** The databases of a stack that live on Kubernetes. */
export function clusteredDatabases(settings: Settings): readonly DatabaseName[] {
  return DATABASES.filter((database) => databaseSettings(settings, database).home === "kubernetes");
}

/** Whether PgBouncer runs on Kubernetes: it does beside a database that lives there. */
export function clusteredPool(settings: Settings): boolean {
  return settings.pool.enabled && clusteredDatabases(settings).length > 0;
}

/** The group of settings that describes a database. */
export function settingsName(database: DatabaseName): "sark" | "audit" {
  return database === "sark" ? "sark" : "audit";
}
