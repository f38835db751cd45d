import type { types } from "@pulumi/kubernetes";

/** Parts of the stack on Kubernetes, as their pods' labels and the network policies name them. */
export type Part = "pgbouncer" | "maintenance" | "gateway" | "database" | "platform";

const PART_OF = "sark-databases";

/** Recommended labels of an object. @param name what it serves, such as the cluster's name */
export function labels(part: Part, name: string): Record<string, string> {
  return {
    ...selector(part, name),
    "app.kubernetes.io/part-of": PART_OF,
    "app.kubernetes.io/managed-by": "pulumi",
  };
}

/** Metadata of an object in the namespace. @param of what the object serves, where it has another name */
export function metadata(part: Part, namespace: string, name: string, of = name) {
  return { name, namespace, labels: labels(part, of) };
}

/** The labels by which a part's pods are found; they never change. */
export function selector(part: Part, name: string): Record<string, string> {
  return {
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/component": part,
  };
}

/** All pods of a part, whatever they are called. */
export function partSelector(part: Part): Record<string, string> {
  return { "app.kubernetes.io/component": part, "app.kubernetes.io/part-of": PART_OF };
}

/**
 * Marks a pod that copies to the storage of the backups; only with it the network lets the pod through to there.
 * The servers' own pods are found by their cluster.
 */
export const OBJECT_STORE_CLIENT = { "sark-databases/object-store": "client" } as const;

/** The operator's label of everything that belongs to a cluster, its initialising and joining jobs as well. */
const CLUSTER = "cnpg.io/cluster";

/** The operator's own label of the pods of a cluster. */
export function clusterSelector(cluster: string): Record<string, string> {
  return { [CLUSTER]: cluster };
}

/** Selects the pods of these clusters, or of every cluster in the namespace. */
export function clustersSelector(clusters?: readonly string[]): types.input.meta.v1.LabelSelector {
  return {
    matchExpressions: [
      clusters === undefined
        ? { key: CLUSTER, operator: "Exists" }
        : { key: CLUSTER, operator: "In", values: [...clusters] },
    ],
  };
}
