import type { DatabaseName } from "./role-plan";
import { type Settings, databaseSettings } from "./settings-schema";

/** Names of what the stack makes on Kubernetes, and what others of its parts find it by. */
export interface ClusterNames {
  /** Of the CloudNativePG cluster; its services, secrets and pods begin with it. */
  readonly cluster: string;
  /** Service of the primary. */
  readonly primary: string;
  /** Service of the stand-bys. */
  readonly replicas: string;
  /** Secret with the operator's authority: its `ca.crt` signed the servers' certificates. */
  readonly authority: string;
  /** Secret of the administrator's login. */
  readonly admin: string;
}

/** PgBouncer's service and the objects around it. */
export const POOL_NAME = "pgbouncer";

/** The pods that lead to servers on RDS, and the objects around them. */
export const GATEWAY_NAME = "database-gateway";

/** `sark`, `sark-audit`; a recovered cluster has its number behind it, since a cluster never recovers in place. */
export function clusterName(database: DatabaseName, generation: number): string {
  const base = database.replace("_", "-");
  return generation === 1 ? base : `${base}-${generation}`;
}

export function clusterNames(settings: Settings, database: DatabaseName): ClusterNames {
  const { recovery } = databaseSettings(settings, database);
  const cluster = clusterName(database, recovery?.generation ?? 1);
  return {
    cluster,
    primary: `${cluster}-rw`,
    replicas: `${cluster}-ro`,
    authority: `${cluster}-ca`,
    admin: `${cluster}-admin`,
  };
}

/** A service's name as other namespaces and the certificates know it. */
export function serviceHost(service: string, namespace: string): string {
  return `${service}.${namespace}.svc`;
}
