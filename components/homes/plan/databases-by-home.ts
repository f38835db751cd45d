import { DATABASES, type DatabaseName } from "../../roles/plan/role-plan";
import { type Settings, databaseSettings } from "../../settings/plan/settings-schema";

/** The databases of a stack that live on Kubernetes. */
export function clusteredDatabases(settings: Settings): readonly DatabaseName[] {
  return DATABASES.filter((database) => databaseSettings(settings, database).home === "kubernetes");
}

/** The databases that the parts of the stack on Kubernetes serve: those that live there, and those on AWS. */
export function servedDatabases(settings: Settings): readonly DatabaseName[] {
  return DATABASES.filter((database) => {
    const { home } = databaseSettings(settings, database);
    // Nobody serves sark_audit on AWS, which has no TimescaleDB: that alone is the problem to tell.
    return home === "kubernetes" || (home === "aws" && database === "sark");
  });
}

/** Whether PgBouncer runs on Kubernetes: it does where a database lives there, or on AWS. */
export function clusteredPool(settings: Settings): boolean {
  return settings.pool.enabled && servedDatabases(settings).length > 0;
}

/** Whether pods on Kubernetes lead to sark's server on RDS, which has no pod of its own to forward a port to. */
export function usesGateway({ sark, route }: Settings): boolean {
  return sark.home === "aws" && route === "port-forward" && sark.tunnel === undefined;
}

/** The group of settings that describes a database. */
export function settingsName(database: DatabaseName): "sark" | "audit" {
  return database === "sark" ? "sark" : "audit";
}
