import type { PoolOutput, ServerOutput, StackOutputs } from "../../components/outputs/outputs";
import { hostAndPort } from "../../components/text/address";
import { type RdsTarget, type Target, isRds } from "../../components/route/plan/targets";
import { temporaryRelay } from "../../components/route/temporary-relay";
import { replicaOf } from "../../engine/read-outputs";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where something listens, and how that is reached where its address means nothing on this machine. */
export interface Place extends Address {
  readonly relay?: Target;
}

/** Something of which it is known beforehand that it cannot be asked from here. */
export interface OutOfReach extends Address {
  /** A clause: "the tunnel leads to the primary alone". */
  readonly why: string;
}

/** Where to connect to. */
export interface Way extends Address {
  /** libpq's word. */
  readonly sslMode: string;
  /** Milliseconds to wait for a session, and for an answer. */
  readonly patience: number;
}

const PATIENCE = 5_000;
/** The Kubernetes API is given up after 15 seconds, and whoever waits shall hear of it. */
const PATIENCE_THROUGH_RELAY = 30_000;

/** Does some work with a server; a relay to it is open for that time. */
export async function reached<T>(
  { host, port, relay }: Place,
  sslMode: string,
  work: (way: Way) => Promise<T>,
): Promise<T> {
  if (relay === undefined) return work({ host, port, sslMode, patience: PATIENCE });
  const open = await temporaryRelay(relay);
  try {
    return await work({
      host: open.host,
      port: open.port,
      // Beyond the relay TLS is verified.
      sslMode: "disable",
      patience: PATIENCE_THROUGH_RELAY,
    });
  } finally {
    await open.close();
  }
}

/** Where a server's stand-by is, if it has any; on Kubernetes one of them all, on RDS the first. */
export function standBysOf(server: ServerOutput): readonly (Place | OutOfReach)[] {
  const replica = replicaOf(server);
  const { relay } = server;
  if (replica === undefined) return [];
  if (relay === undefined) return [replica];
  if (relay.route.kind === "tunnel") {
    return [{ ...replica, why: "the tunnel leads to the primary alone" }];
  }
  if (isRds(relay)) return [rdsStandBy(replica, relay)];
  return [{ ...replica, relay: { ...relay, server: replica.host, role: "replica" } }];
}

/** Each server on RDS has an address of its own, and the gateway a port for it. */
function rdsStandBy(replica: Address, relay: RdsTarget): Place | OutOfReach {
  const { route } = relay;
  if (route.kind === "port-forward" && route.gateway.replicaPort === undefined) {
    return { ...replica, why: "the gateway leads to the primary alone" };
  }
  const { host: server, port } = replica;
  return { ...replica, relay: { ...relay, server, port, role: "replica" } };
}

/** Where the pool is. With tunnels to the servers alone nothing is known of a way to it. */
export function placeOf(pool: PoolOutput, { servers }: StackOutputs): Place | OutOfReach {
  const relays = Object.values(servers).flatMap(({ relay }) => (relay ? [relay] : []));
  const tunnelled = relays.length > 0 && relays.every(({ route }) => route.kind === "tunnel");
  if (!pool.relay || !tunnelled) return pool;
  return { host: pool.host, port: pool.port, why: "the tunnels lead to the databases alone" };
}

/** Words for how an address is reached, to follow it; none where it is the address itself that is dialled. */
export function wayText(relay: Target | undefined): string {
  switch (relay?.route.kind) {
    case "tunnel":
      return ` through the tunnel ${hostAndPort(relay.route.host, relay.route.port)}`;
    case "port-forward":
      return " through the Kubernetes API";
    default:
      return "";
  }
}
