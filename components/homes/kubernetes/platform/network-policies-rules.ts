import type { types } from "@pulumi/kubernetes";
import type { Bucket } from "../plan/cluster-stack";
import { isWider } from "../../../text/ip-blocks";
import { EXPORTER_PORT, POOL_PORT } from "../pool/pool-paths";

/** The words that the network policies are written in. */

export type Spec = types.input.networking.v1.NetworkPolicySpec;
export type Peer = types.input.networking.v1.NetworkPolicyPeer;
export type Port = types.input.networking.v1.NetworkPolicyPort;
export type Pods = types.input.meta.v1.LabelSelector;

/** TCP ports that the openings name. */
export const PORTS = {
  postgres: 5432,
  /** Of the operator's program in each server's pod: status, probes, and what the servers ask each other. */
  status: 8000,
  /** The server's metrics. */
  metrics: 9187,
  pool: POOL_PORT,
  /** The pool's metrics. */
  poolMetrics: EXPORTER_PORT,
  dns: 53,
  https: 443,
  /** Where most clusters' API servers listen; a service on 443 leads there, and the network sees either port. */
  apiServer: 6443,
} as const;

/** Where an EKS node hands out the credentials of a pod's role. It is on the node itself, and speaks plain HTTP. */
const POD_IDENTITY = { cidr: "169.254.170.23/32", port: 80 } as const;

export function ingress(podSelector: Pods, from: Peer[], ports: Port[]): Spec {
  return { podSelector, policyTypes: ["Ingress"], ingress: [{ from, ports }] };
}

export function egress(podSelector: Pods, to: Peer[], ports: Port[]): Spec {
  return { podSelector, policyTypes: ["Egress"], egress: [{ to, ports }] };
}

export function tcp(...ports: readonly number[]): Port[] {
  return ports.map((port) => ({ port, protocol: "TCP" }));
}

/** All pods of a namespace, by the label that Kubernetes itself gives it. */
export function within(namespace: string): Peer {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } };
}

/**
 * Where clouds answer for their nodes: whoever reaches it can take on the node's own role. Over IPv6 Amazon answers at
 * unique local addresses instead of link-local ones.
 */
const NODE_SERVICES = ["169.254.0.0/16", "fe80::/10", "fd00:ec2::/32"];

/** Addresses in CIDR notation, without those of the nodes' services, where a wider block contains them. */
export function block(cidr: string): Peer {
  // Kubernetes refuses an exception that is the whole block.
  const except = NODE_SERVICES.filter((each) => isWider(cidr, each));
  return { ipBlock: except.length > 0 ? { cidr, except } : { cidr } };
}

/**
 * The storage, and who gives the credentials for it: a role that is named is assumed at AWS STS, which is on 443 as the
 * storage is; a role that is not named comes from EKS Pod Identity, on the node.
 */
export function toObjectStore(bucket: Bucket, blocks: readonly string[], pods: Pods): Spec {
  const port = Number(new URL(bucket.endpoint ?? "https://s3").port || PORTS.https);
  const named = bucket.role !== undefined || Object.keys(bucket.roles).length > 0;
  const ports = tcp(...new Set([port, ...(named ? [PORTS.https] : [])]));
  const storage = { to: blocks.map(block), ports };
  const { cidr, port: identityPort } = POD_IDENTITY;
  const identity = { to: [{ ipBlock: { cidr } }], ports: tcp(identityPort) };
  const onNode = bucket.access === "role" && !named;
  const openings = onNode ? [storage, identity] : [storage];
  return { podSelector: pods, policyTypes: ["Egress"], egress: openings };
}
