import type { types } from "@pulumi/kubernetes";

/** Parts of the stack on Kubernetes, as used in pod labels and network policies. */
export type Part = "pgbouncer" | "maintenance" | "gateway" | "exporter" | "database" | "platform";

const PART_OF = "sark-databases";

/** Kubernetes' recommended labels of an object. @param name what it serves, such as the cluster's name */
export function labels(part: Part, name: string): Record<string, string> {
  return {
    ...selector(part, name),
    "app.kubernetes.io/part-of": PART_OF,
    "app.kubernetes.io/managed-by": "pulumi",
  };
}

/** Metadata of an object in the namespace. @param of the object that it serves; default: its own name */
export function metadata(part: Part, namespace: string, name: string, of = name) {
  return { name, namespace, labels: labels(part, of) };
}

/** Labels that select a part's pods. They must never change, since selectors are immutable. */
export function selector(part: Part, name: string): Record<string, string> {
  return {
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/component": part,
  };
}

/** Labels that select all pods of a part, whatever their names. */
export function partSelector(part: Part): Record<string, string> {
  return { "app.kubernetes.io/component": part, "app.kubernetes.io/part-of": PART_OF };
}

/**
 * Marks a pod that copies to the backup storage; the network policy admits only such pods. Database pods are selected
 * by their cluster instead.
 */
export const OBJECT_STORE_CLIENT = { "sark-databases/object-store": "client" } as const;

/** The operator's label on all objects of a cluster, including its initdb and join jobs. */
const CLUSTER = "cnpg.io/cluster";

/** Labels that select the pods of a cluster. */
export function clusterSelector(cluster: string): Record<string, string> {
  return { [CLUSTER]: cluster };
}

/** Selects the pods of these clusters; without a list, of every cluster in the namespace. */
export function clustersSelector(clusters?: readonly string[]): types.input.meta.v1.LabelSelector {
  return {
    matchExpressions: [
      clusters === undefined
        ? { key: CLUSTER, operator: "Exists" }
        : { key: CLUSTER, operator: "In", values: [...clusters] },
    ],
  };
}
