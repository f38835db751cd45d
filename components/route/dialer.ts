import { connect } from "node:net";
import { hostAndPort } from "../text/address";
import type { TLSSocket } from "node:tls";
import { ApiError } from "./api-error";
import { createAuthorityLoader } from "./server-authority";
import { ClusterApi } from "./cluster-api";
import { kubeContext, findPod, targetPods, serverPortOf } from "./target-pods";
import { RouteError } from "./route-error";
import { IdentityError, type RoutedConnection, upgradeToTls } from "./server-session";
import { type Target, isRds } from "./plan/targets";

/** TCP connect timeout in milliseconds, enough for two retransmissions. */
const CONNECT_TIMEOUT = 10_000;

/** Idle milliseconds before a TCP keep-alive probe: building an index may take hours. */
const KEEP_ALIVE = 30_000;

/**
 * Creates the connect function of one server. It sends no Kubernetes request before its first call.
 * @returns opens a verified session. It throws RouteError or ApiError with the route, the failure
 *   and the remedy
 */
export function createDialer(target: Target): () => Promise<RoutedConnection<TLSSocket>> {
  const { server } = target;
  let api: Promise<ClusterApi> | undefined;
  // Loaded once: the kubeconfig may run a credential plugin.
  const cluster = (): Promise<ClusterApi> => (api ??= ClusterApi.load(kubeContext(target)));
  const authority = createAuthorityLoader(target, cluster);
  const dial = async (ca: string): Promise<RoutedConnection<TLSSocket>> =>
    upgradeToTls(await openConnection(target, cluster), { server, tls: { ca } });
  return async () => {
    const known = await authority();
    try {
      return await dial(known);
    } catch (error) {
      if (!(error instanceof IdentityError)) throw error;
      // The cached CA may have been replaced.
      const renewed = await authority(true);
      if (renewed === known) throw error;
      return dial(renewed);
    }
  };
}

async function openConnection(
  target: Target,
  cluster: () => Promise<ClusterApi>,
): Promise<RoutedConnection> {
  const { route, server } = target;
  const within = isRds(target) ? "its network" : "the cluster";
  switch (route.kind) {
    case "direct": {
      const port = serverPortOf(target);
      return dialAddress(server, port, { way: `on port ${port}`, within });
    }
    case "tunnel": {
      const { host, port } = route;
      const way = `through the tunnel ${hostAndPort(host, port)}`;
      return dialAddress(host, port, { way, within });
    }
    case "port-forward":
      return dialPod(await cluster(), target);
  }
}

/** Whether a retry may succeed soon: a new primary is elected within seconds. */
export function isTransient(error: unknown): boolean {
  if (error instanceof ApiError) return error.kind === "unreachable";
  return error instanceof RouteError && error.transient;
}

/** Words of an address for messages: its route, and the network in which it resolves. */
interface AddressText {
  readonly way: string;
  readonly within: string;
}

function dialAddress(
  host: string,
  port: number,
  addressText: AddressText,
): Promise<RoutedConnection> {
  return new Promise((resolve, reject) => {
    const keptAlive = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE } as const;
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true, ...keptAlive });
    // Providers keep connections open until the program ends; they must not keep it running.
    socket.unref();
    socket.setTimeout(CONNECT_TIMEOUT, () => {
      socket.destroy(new Error(`no connection within ${CONNECT_TIMEOUT / 1000} seconds`));
    });
    socket.once("error", (cause: NodeJS.ErrnoException) => {
      reject(connectError(cause, addressText));
    });
    socket.once("connect", () => {
      socket.setTimeout(0);
      resolve({ connection: socket, description: addressText.way });
    });
  });
}

function connectError(cause: NodeJS.ErrnoException, { way, within }: AddressText): RouteError {
  const text = `${way}: ${cause.message}`;
  if (cause.syscall !== "getaddrinfo") return new RouteError(text, true, { cause });
  const advice = `The name resolves only inside ${within}; from elsewhere set sark-databases:route`;
  return new RouteError(`${text}. ${advice} to port-forward`, false, { cause });
}

async function dialPod(api: ClusterApi, target: Target): Promise<RoutedConnection> {
  const pods = targetPods(target);
  const { namespace } = pods;
  const pod = await findPod(api, pods);
  const way = `through the Kubernetes API, pod ${pod}`;
  try {
    return { connection: await api.portForward(namespace, pod, pods.port), description: way };
  } catch (cause) {
    // The pod was deleted after it was found.
    if (cause instanceof ApiError && cause.kind === "absent") {
      throw new RouteError(`${way}: ${cause.message}`, true, { cause });
    }
    throw cause;
  }
}
