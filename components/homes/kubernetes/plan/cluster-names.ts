import { DATABASES, type DatabaseName } from "../../../roles/plan/role-plan";
import type { NamedCluster } from "./cluster-stack";

/** PgBouncer's service and the objects around it. */
export const POOL_NAME = "pgbouncer";

/** The pods that lead to servers on RDS, and the objects around them. */
export const GATEWAY_NAME = "database-gateway";

/** `sark`, `sark-audit`: the first cluster of a database, and what all of its clusters share. */
export function firstCluster(database: DatabaseName): string {
  return database.replace("_", "-");
}

/**
 * Name of a database's cluster. A recovery makes a new cluster, since none recovers in place: `sark-g2`. The g keeps the
 * name from being the name of a pod: the operator calls the pods of `sark` `sark-1`, `sark-2` and so on. Clusters that
 * were named without it, up to generation `recovery.oldNames`, keep their names.
 */
export function clusterName({ database, recovery }: NamedCluster, generation: number): string {
  const first = firstCluster(database);
  if (generation === 1) return first;
  const { oldNames = 1 } = recovery ?? {};
  return generation <= oldNames ? `${first}-${generation}` : `${first}-g${generation}`;
}

/** The database and generation of a cluster named without the g, such as `sark-2`; undefined for any other name. */
export function oldNameOf(
  cluster: string,
): { readonly database: DatabaseName; readonly generation: number } | undefined {
  for (const database of DATABASES) {
    const number = new RegExp(`^${firstCluster(database)}-(\\d+)$`).exec(cluster)?.[1];
    if (number !== undefined) return { database, generation: Number(number) };
  }
  return undefined;
}

/** Names of what the stack makes for a database, and what others of its parts find it by. */
export function clusterNames(own: NamedCluster) {
  const cluster = clusterName(own, own.recovery?.generation ?? 1);
  return {
    /** Of the CloudNativePG cluster; its services, secrets and pods begin with it. */
    cluster,
    /** Service of the primary. */
    primary: `${cluster}-rw`,
    /** Service of the stand-bys. */
    replicas: `${cluster}-ro`,
    /** Secret with the operator's authority: its `ca.crt` signed the servers' certificates. */
    authority: `${cluster}-ca`,
    /** Secret of the administrator's login. */
    admin: `${cluster}-admin`,
  } as const;
}

/** A service's name as other namespaces and the certificates know it. */
export function serviceHost(service: string, namespace: string): string {
  return `${service}.${namespace}.svc`;
}

/**
 * The clusters that the settings describe now, and those that they recover from: until PgBouncer follows to the new one,
 * at the end of that run, the application is served by the old one.
 */
export function clustersOf(clusters: readonly NamedCluster[]): readonly string[] {
  return clusters.flatMap((own) => {
    const before = own.recovery ? [clusterName(own, own.recovery.generation - 1)] : [];
    return [...before, clusterNames(own).cluster];
  });
}
