import type { PoolOutput, ServerOutput, StackOutputs } from "../../components/outputs/outputs";
import { hostAndPort } from "../../components/text/address";
import { type RdsTarget, type Target, isRds } from "../../components/route/plan/targets";
import { temporaryRelay } from "../../components/route/temporary-relay";
import { replicaOf } from "../../engine/read-outputs";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** An address, with the relay to it if it cannot be reached directly from this machine. */
export interface RoutedAddress extends Address {
  readonly relay?: Target;
}

/** An address that is known to be unreachable from this machine. */
export interface UnreachableAddress extends Address {
  /** A clause: "the tunnel only reaches the primary". */
  readonly why: string;
}

/** The address and timeouts of one connection. */
export interface DialTarget extends Address {
  /** As in libpq's `sslmode`. */
  readonly sslMode: string;
  /** Milliseconds to wait for a connection, and for each answer. */
  readonly timeoutMs: number;
}

const TIMEOUT_MS = 5_000;
/** Longer than the Kubernetes API's timeout of 15 seconds, so that its error is the one reported. */
const RELAY_TIMEOUT_MS = 30_000;

/** Runs `work` with an address it can connect to; a relay, if needed, is open for that time. */
export async function withRoute<T>(
  { host, port, relay }: RoutedAddress,
  sslMode: string,
  work: (way: DialTarget) => Promise<T>,
): Promise<T> {
  if (relay === undefined) return work({ host, port, sslMode, timeoutMs: TIMEOUT_MS });
  const open = await temporaryRelay(relay);
  try {
    return await work({
      host: open.host,
      port: open.port,
      // The relay itself verifies TLS.
      sslMode: "disable",
      timeoutMs: RELAY_TIMEOUT_MS,
    });
  } finally {
    await open.close();
  }
}

/** The address of a server's stand-by, if it has one: on Kubernetes any of them, on RDS the first. */
export function standByAddresses(
  server: ServerOutput,
): readonly (RoutedAddress | UnreachableAddress)[] {
  const replica = replicaOf(server);
  const { relay } = server;
  if (replica === undefined) return [];
  if (relay === undefined) return [replica];
  if (relay.route.kind === "tunnel") {
    return [{ ...replica, why: "the tunnel only reaches the primary" }];
  }
  if (isRds(relay)) return [rdsStandBy(replica, relay)];
  return [{ ...replica, relay: { ...relay, server: replica.host, role: "replica" } }];
}

/** Each server on RDS has its own address, and its own port at the gateway. */
function rdsStandBy(replica: Address, relay: RdsTarget): RoutedAddress | UnreachableAddress {
  const { route } = relay;
  if (route.kind === "port-forward" && route.gateway.replicaPort === undefined) {
    return { ...replica, why: "the gateway only reaches the primary" };
  }
  const { host: server, port } = replica;
  return { ...replica, relay: { ...relay, server, port, role: "replica" } };
}

/** The address of the pool. If all servers are reached by tunnels, no route to the pool is known. */
export function poolAddress(
  pool: PoolOutput,
  { servers }: StackOutputs,
): RoutedAddress | UnreachableAddress {
  const relays = Object.values(servers).flatMap(({ relay }) => (relay ? [relay] : []));
  const tunnelled = relays.length > 0 && relays.every(({ route }) => route.kind === "tunnel");
  if (!pool.relay || !tunnelled) return pool;
  return { host: pool.host, port: pool.port, why: "the tunnels only reach the databases" };
}

/** Describes the route to an address, as a suffix to it; empty for a direct connection. */
export function routeText(relay: Target | undefined): string {
  switch (relay?.route.kind) {
    case "tunnel":
      return ` through the tunnel ${hostAndPort(relay.route.host, relay.route.port)}`;
    case "port-forward":
      return " through the Kubernetes API";
    default:
      return "";
  }
}
