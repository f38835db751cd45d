import { BlockList } from "node:net";

/** Evaluates network policies from their objects, as Kubernetes documents them. */

/** Namespace of the policies. */
export const HOME = "sark-databases";

/** The fields of a NetworkPolicy that this project writes. */
interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: "In" | "Exists";
    readonly values?: readonly string[];
  }[];
}
export interface Peer {
  readonly namespaceSelector?: Selector;
  readonly podSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}
interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports: readonly { readonly port: number; readonly protocol: string }[];
}
export interface Policy {
  readonly name: string;
  readonly podSelector: Selector;
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}
export type Labels = Readonly<Record<string, string>>;

/** An end of a connection: a pod, or an address outside of the cluster. */
export type ConnectionEnd =
  | { readonly namespace: string; readonly labels: Labels }
  | { readonly address: string };

/**
 * A connection is allowed if its source may send and its destination may receive. A pod that no policy selects may do
 * both.
 */
export function allowed(
  policies: readonly Policy[],
  from: ConnectionEnd,
  to: ConnectionEnd,
  port: string,
): boolean {
  const may = (pod: ConnectionEnd, other: ConnectionEnd, direction: "Ingress" | "Egress") => {
    const mine = policies.filter(
      ({ podSelector, policyTypes }) =>
        "labels" in pod &&
        pod.namespace === HOME &&
        policyTypes.includes(direction) &&
        selects(podSelector, pod.labels),
    );
    const rules = mine.flatMap((policy) =>
      direction === "Ingress" ? (policy.ingress ?? []) : (policy.egress ?? []),
    );
    return (
      mine.length === 0 ||
      rules.some(
        (rule) =>
          (rule.from ?? rule.to ?? []).some((peer) => matches(peer, other)) &&
          rule.ports.some((each) => `${each.protocol} ${each.port}` === port),
      )
    );
  };
  return may(from, to, "Egress") && may(to, from, "Ingress");
}

export function matches(
  { ipBlock, namespaceSelector, podSelector }: Peer,
  other: ConnectionEnd,
): boolean {
  if ("address" in other) {
    if (ipBlock === undefined) return false;
    const { cidr, except = [] } = ipBlock;
    return inBlock(cidr, other.address) && !except.some((each) => inBlock(each, other.address));
  }
  // Pods are matched by labels; their addresses are assumed to be outside of the blocks.
  if (ipBlock !== undefined) return false;
  const namespaceLabels = { "kubernetes.io/metadata.name": other.namespace };
  const near =
    namespaceSelector === undefined
      ? other.namespace === HOME
      : selects(namespaceSelector, namespaceLabels);
  return near && selects(podSelector ?? {}, other.labels);
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, found: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => found[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) =>
      operator === "Exists" ? key in found : values.includes(found[key] ?? ""),
    )
  );
}

export function inBlock(cidr: string, address: string): boolean {
  const [net = "", bits] = cidr.split("/");
  const list = new BlockList();
  list.addSubnet(net, Number(bits));
  return list.check(address);
}

export function inHome(each: ConnectionEnd): boolean {
  return "namespace" in each && each.namespace === HOME;
}
