import { DATABASES, type DatabaseName } from "../../../roles/plan/role-plan";
import type { NamedCluster } from "./cluster-stack";

/** Name of PgBouncer's Service and related objects. */
export const POOL_NAME = "pgbouncer";

/** Name of the certificate of PgBouncer's CA, and of its Secret. */
export const POOL_AUTHORITY = `${POOL_NAME}-ca`;

/** Name of the gateway pods to RDS and related objects. */
export const GATEWAY_NAME = "database-gateway";

/** Name of a database's first cluster, `sark` or `sark-audit`, and of objects that all its clusters share. */
export function firstCluster(database: DatabaseName): string {
  return database.replace("_", "-");
}

/**
 * Name of a database's archive. All generations of its cluster share it, each with its own folder, so that a recovered
 * cluster can read another's.
 */
export function archiveName(database: DatabaseName): string {
  return `${firstCluster(database)}-archive`;
}

/**
 * Name of a database's cluster. A recovery creates a new cluster, since CloudNativePG cannot recover in place:
 * `sark-g2`. The g avoids a clash with pod names: the operator names the pods of `sark` `sark-1`, `sark-2` and so on.
 * Existing clusters without the g, up to generation `recovery.oldNames`, keep their names.
 */
export function clusterName({ database, recovery }: NamedCluster, generation: number): string {
  const first = firstCluster(database);
  if (generation === 1) return first;
  const { oldNames = 1 } = recovery ?? {};
  return generation <= oldNames ? `${first}-${generation}` : `${first}-g${generation}`;
}

/** Database and generation of a cluster whose name has no g, such as `sark-2`; undefined for other names. */
export function parseOldName(
  cluster: string,
): { readonly database: DatabaseName; readonly generation: number } | undefined {
  for (const database of DATABASES) {
    const number = new RegExp(`^${firstCluster(database)}-(\\d+)$`).exec(cluster)?.[1];
    if (number !== undefined) return { database, generation: Number(number) };
  }
  return undefined;
}

/** Names of a database's objects, for all parts of the stack. */
export function clusterNames(own: NamedCluster) {
  const cluster = clusterName(own, own.recovery?.generation ?? 1);
  return {
    /** Name of the CloudNativePG cluster, and prefix of its Services, Secrets and pods. */
    cluster,
    /** Regular expression of the names of its pods, which no other cluster's match. */
    servers: `${cluster}-[0-9]+`,
    /** Service of the primary. */
    primary: `${cluster}-rw`,
    /** Service of the stand-bys. */
    replicas: `${cluster}-ro`,
    /** Secret with the operator's CA for this cluster: its `ca.crt` signed the servers' certificates. */
    authority: `${cluster}-ca`,
    /** ConfigMap with the metric queries of its servers. */
    metrics: `${cluster}-metrics`,
    /** Secret of the administrator's login. */
    admin: `${cluster}-admin`,
  } as const;
}

/** DNS name of a Service, valid in other namespaces and in the certificates. */
export function serviceHost(service: string, namespace: string): string {
  return `${service}.${namespace}.svc`;
}

/**
 * Clusters that the settings describe, and the clusters that they are recovered from: the old cluster serves the
 * application until PgBouncer switches to the new one at the end of the run.
 */
export function activeClusterNames(clusters: readonly NamedCluster[]): readonly string[] {
  return clusters.flatMap((own) => {
    const before = own.recovery ? [clusterName(own, own.recovery.generation - 1)] : [];
    return [...before, clusterNames(own).cluster];
  });
}
