import type { types } from "@pulumi/kubernetes";
import type { Bucket } from "../plan/cluster-stack";
import { isWider } from "../../../text/ip-blocks";
import { SQL_EXPORTER_PORT } from "../monitoring/plan/exporter-config";
import { EXPORTER_PORT, POOL_PORT } from "../pool/pool-paths";

/** Building blocks of network policies. */

type Spec = types.input.networking.v1.NetworkPolicySpec;
export type Peer = types.input.networking.v1.NetworkPolicyPeer;
export type Port = types.input.networking.v1.NetworkPolicyPort;
export type Pods = types.input.meta.v1.LabelSelector;

/** TCP ports in the network policies. */
export const PORTS = {
  postgres: 5432,
  /** Instance manager in each server's pod: status, probes, and the servers' isolation check. */
  status: 8000,
  /** The server's metrics. */
  metrics: 9187,
  pool: POOL_PORT,
  /** The pool's metrics. */
  poolMetrics: EXPORTER_PORT,
  /** The metrics of servers outside of the cluster. */
  sqlMetrics: SQL_EXPORTER_PORT,
  dns: 53,
  https: 443,
  /** Port of most API servers; their Service on 443 forwards here, and policies may see either port. */
  apiServer: 6443,
} as const;

/** EKS Pod Identity endpoint, which hands out credentials of a pod's role. It runs on the node, over plain HTTP. */
const POD_IDENTITY = { cidr: "169.254.170.23/32", port: 80 } as const;

/** A network policy: default-deny, or one allowed path. */
export interface NetworkPolicyPlan {
  readonly name: string;
  /** Every allowed connection: source, destination, and reason. */
  readonly description: string;
  /** Whether servers that outlive the stack still need it. */
  readonly outlivesStack: boolean;
  readonly spec: Spec;
}

export const temporaryPolicy = (
  name: string,
  description: string,
  spec: Spec,
): NetworkPolicyPlan => ({
  name,
  description,
  outlivesStack: false,
  spec,
});

export const lastingPolicy = (
  ...policy: Parameters<typeof temporaryPolicy>
): NetworkPolicyPlan => ({
  ...temporaryPolicy(...policy),
  outlivesStack: true,
});

export function ingress(podSelector: Pods, from: Peer[], ports: Port[]): Spec {
  return { podSelector, policyTypes: ["Ingress"], ingress: [{ from, ports }] };
}

export function egress(podSelector: Pods, to: Peer[], ports: Port[]): Spec {
  return { podSelector, policyTypes: ["Egress"], egress: [{ to, ports }] };
}

export function tcp(...ports: readonly number[]): Port[] {
  return ports.map((port) => ({ port, protocol: "TCP" }));
}

/** Selects all pods of a namespace, by the label that Kubernetes itself sets. */
export function podsOfNamespace(namespace: string): Peer {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } };
}

/**
 * Metadata services of cloud nodes: a client there can assume the node's role. Over IPv6 Amazon uses unique local
 * addresses instead of link-local ones.
 */
const NODE_SERVICES = ["169.254.0.0/16", "fe80::/10", "fd00:ec2::/32"];

/** IP block in CIDR notation, excluding the nodes' metadata services if it contains them. */
export function ipBlock(cidr: string): Peer {
  // Kubernetes rejects an exception that equals the whole block.
  const except = NODE_SERVICES.filter((each) => isWider(cidr, each));
  return { ipBlock: except.length > 0 ? { cidr, except } : { cidr } };
}

/**
 * Egress to the backup storage and its credential source. A named role is assumed at AWS STS, on 443 like the storage;
 * otherwise EKS Pod Identity on the node provides the role.
 */
export function toObjectStore(bucket: Bucket, blocks: readonly string[], pods: Pods): Spec {
  const port = Number(new URL(bucket.endpoint ?? "https://s3").port || PORTS.https);
  const named = bucket.role !== undefined || Object.keys(bucket.roles).length > 0;
  const ports = tcp(...new Set([port, ...(named ? [PORTS.https] : [])]));
  const storage = { to: blocks.map(ipBlock), ports };
  const { cidr, port: identityPort } = POD_IDENTITY;
  const identity = { to: [{ ipBlock: { cidr } }], ports: tcp(identityPort) };
  const onNode = bucket.access === "role" && !named;
  const openings = onNode ? [storage, identity] : [storage];
  return { podSelector: pods, policyTypes: ["Egress"], egress: openings };
}
