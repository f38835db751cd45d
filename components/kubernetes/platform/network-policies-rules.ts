import type { types } from "@pulumi/kubernetes";
import { namespaceSelector } from "../labels";
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
export const POD_IDENTITY = { cidr: "169.254.170.23/32", port: 80 } as const;

export function ingress(podSelector: Pods, from: Peer[], ports: Port[]): Spec {
  return { podSelector, policyTypes: ["Ingress"], ingress: [{ from, ports }] };
}

export function egress(podSelector: Pods, to: Peer[], ports: Port[]): Spec {
  return { podSelector, policyTypes: ["Egress"], egress: [{ to, ports }] };
}

export function tcp(...ports: readonly number[]): Port[] {
  return ports.map((port) => ({ port, protocol: "TCP" }));
}

/** All pods of a namespace. */
export function within(namespace: string): Peer {
  return { namespaceSelector: namespaceSelector(namespace) };
}

/** Where clouds answer for their nodes: whoever reaches it can take on the node's own role. */
const LINK_LOCAL = "169.254.0.0/16";

/** Addresses in CIDR notation, without the link-local ones that a wider block contains. */
export function block(cidr: string): Peer {
  return { ipBlock: contains(cidr, LINK_LOCAL) ? { cidr, except: [LINK_LOCAL] } : { cidr } };
}

/** Whether a block is wider than another and contains it; Kubernetes refuses an exception that is the whole block. */
function contains(outer: string, inner: string): boolean {
  const [start, bits] = parse(outer);
  const [innerStart, innerBits] = parse(inner);
  const size = 2 ** (32 - bits);
  return bits < innerBits && Math.floor(innerStart / size) === Math.floor(start / size);
}

/** The first address as a number, and how many of its bits are fixed. */
function parse(cidr: string): readonly [number, number] {
  const [address = "", bits] = cidr.split("/");
  const start = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return [start, Number(bits)];
}
