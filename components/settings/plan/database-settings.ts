/** What the settings say of each database. */
import { DATABASES, type DatabaseName } from "../../roles/plan/role-plan";
import { type GivenSize, type ServerSize, type Settings, serverSize } from "./settings-schema";

/** Size of a server whose size is left out: the guide's machine. */
const DEFAULT_SIZE: ServerSize = { ...serverSize.parse({}), memory: 8 * 2 ** 30, vcpus: 4 };

/** What of a size was left out is the guide's machine's. */
export function completeSize(size: GivenSize | undefined): ServerSize {
  const {
    memory = DEFAULT_SIZE.memory,
    vcpus = DEFAULT_SIZE.vcpus,
    storage,
  } = size ?? DEFAULT_SIZE;
  return { memory, vcpus, storage };
}

/** The part of the settings that describes a database. */
export function databaseSettings(settings: Settings, database: DatabaseName) {
  return database === "sark" ? settings.sark : settings.audit;
}

/**
 * Servers that follow a database's primary. On Kubernetes the stand-bys are the replicas, and `instances` counts both.
 */
export function replicaCount(settings: Settings, database: DatabaseName): number {
  const { home, instances, availability, replicas } = databaseSettings(settings, database);
  if (home !== "kubernetes") return replicas;
  if (instances !== undefined) return instances - 1;
  return availability === "multi-zone" ? Math.max(2, replicas) : replicas;
}

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
