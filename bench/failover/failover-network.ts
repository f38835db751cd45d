/** Two nodes behind a Service, in local network namespaces. Needs root and iproute2. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import type { ServiceUser } from "../../components/homes/local/processes/service-user";

/** Address of the Service. Each node has it and answers to it. */
export const SERVICE = "10.77.0.10";
export const NODES = ["a", "b"] as const;
export type Node = (typeof NODES)[number];

const NUMBER: Readonly<Record<Node, number>> = { a: 1, b: 2 };
const PORTS = { a: "20000 29999", b: "30000 39999", none: "40000 49999" } as const;

const ip = (...words: readonly string[]) => execFileSync("ip", words.join(" ").split(" "));
const namespace = (node: Node) => `failover-${node}`;

/** A node's own address, like a pod's. */
export const addressOf = (node: Node) => `10.77.${NUMBER[node]}.2`;

/**
 * Creates the network. kube-proxy sends new connections to the current endpoint and leaves open ones with theirs. Here
 * the source port selects the node, and moving the Service changes the range of source ports.
 */
export function createNetwork(): void {
  ip("link set lo up");
  for (const node of NODES) {
    const number = NUMBER[node];
    ip(`netns add ${namespace(node)}`);
    ip(`link add to-${node} type veth peer name eth0 netns ${namespace(node)}`);
    ip(`addr add 10.77.${number}.1/24 dev to-${node}`);
    ip(`link set to-${node} up`);
    ip(`-n ${namespace(node)} addr add ${addressOf(node)}/24 dev eth0`);
    ip(`-n ${namespace(node)} link set eth0 up`);
    ip(`-n ${namespace(node)} link set lo up`);
    ip(`-n ${namespace(node)} addr add ${SERVICE}/32 dev lo`);
    ip(`-n ${namespace(node)} route add default via 10.77.${number}.1`);
    ip(`route add ${SERVICE}/32 via ${addressOf(node)} table 10${number}`);
    const ports = PORTS[node].replace(" ", "-");
    ip(`rule add to ${SERVICE} sport ${ports} ipproto tcp lookup 10${number}`);
  }
  ip(`rule add to ${SERVICE} sport ${PORTS.none.replace(" ", "-")} ipproto tcp unreachable`);
  // The kernel looks this route up before a connection has a source port, and again afterwards.
  ip(`route add ${SERVICE}/32 via ${addressOf("a")}`);
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
}

export function removeNetwork(): void {
  for (const node of NODES) ip(`netns del ${namespace(node)}`);
}

/** Points the Service to a node. `none` refuses new connections, like a Service without endpoints. */
export function moveService(to: Node | "none"): void {
  writeFileSync("/proc/sys/net/ipv4/ip_local_port_range", PORTS[to]);
}

/** Silently drops every packet from and to the node, or makes it reachable again. */
export function setReachable(node: Node, reachable: boolean): void {
  const [pool, pod] = [`10.77.${NUMBER[node]}.1`, addressOf(node)];
  const set = (options: string, address: string, device: string) =>
    reachable
      ? ip(`${options}neigh del ${address} dev ${device}`)
      : ip(
          `${options}neigh replace ${address} lladdr 02:00:00:00:00:09 dev ${device} nud permanent`,
        );
  set("", pod, `to-${node}`);
  set(`-n ${namespace(node)} `, pool, "eth0");
}

export function spawnOn(node: Node, user: ServiceUser, command: readonly string[]): ChildProcess {
  const setpriv = ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
  return spawn("ip", ["netns", "exec", namespace(node), ...setpriv, ...command], {
    stdio: "ignore",
    env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C" },
  });
}
