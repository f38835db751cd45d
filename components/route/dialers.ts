import { connect } from "node:net";
import type { TLSSocket } from "node:tls";
import { ApiError } from "./api-error";
import { Authority } from "./authority";
import { ClusterApi } from "./cluster-api";
import type { Line } from "./line";
import { findPod, podsOf } from "./pods";
import { RouteError } from "./route-error";
import { IdentityError, secure } from "./server-session";

/** Milliseconds for a TCP connection, in which lost packets are sent again twice. */
const CONNECT_TIMEOUT = 10_000;

/** Milliseconds of silence after which the far end is asked whether it is still there: an index may take hours. */
const KEEP_ALIVE = 30_000;

/** How a server is reached from where the program runs. */
export type Route =
  /** By its own address, from inside of the cluster. */
  | { readonly kind: "direct" }
  /** Through a tunnel that somebody else keeps open. */
  | { readonly kind: "tunnel"; readonly host: string; readonly port: number }
  /** Through the Kubernetes API, to a pod. */
  | { readonly kind: "port-forward" };

/** A server on Kubernetes: where it is, and how it proves who it is. */
interface Place {
  readonly route: Route;
  /** Context of the kubeconfig. @default - the current one */
  readonly context?: string | undefined;
  readonly namespace: string;
  /** Name that the server's certificate must bear, such as `sark-rw.sark-databases.svc`; `direct` also dials it. */
  readonly server: string;
  /** Secret with the authority that signed the certificate, under `ca.crt`; the operator's is `<cluster>-ca`. */
  readonly authority: string;
}

/** A database server. */
export interface DatabaseTarget extends Place {
  /** Name of the CloudNativePG cluster. */
  readonly cluster: string;
  /** Which of its servers; a port-forward takes any stand-by that is ready. @default primary */
  readonly role?: "primary" | "replica";
}

/** One of some pods that are alike and speak PostgreSQL's protocol, such as PgBouncer's. */
export interface PodsTarget extends Place {
  /** Labels of the pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of the pods, and of the service before them. */
  readonly port: number;
}

export type Target = DatabaseTarget | PodsTarget;

/** Dials one server. Nothing is asked of the Kubernetes API before the first call. */
export class TargetDialer {
  readonly #target: Target;
  readonly #authority: Authority;
  #api: Promise<ClusterApi> | undefined;

  constructor(target: Target) {
    this.#target = target;
    this.#authority = new Authority(() => this.#cluster(), target.namespace, target.authority);
  }

  /**
   * Opens a verified session with the server.
   * @throws RouteError, ApiError: the way, what failed there and what can be done
   */
  async dial(): Promise<Line<TLSSocket>> {
    const { server } = this.#target;
    const authority = await this.#authority.get();
    try {
      return await secure(await this.#connect(), { server, authority });
    } catch (error) {
      if (!(error instanceof IdentityError)) throw error;
      // Authorities are replaced before they expire: the one that was read may not be the one of now.
      const renewed = await this.#authority.renew();
      if (renewed === authority) throw error;
      return await secure(await this.#connect(), { server, authority: renewed });
    }
  }

  async #connect(): Promise<Line> {
    const { route, server } = this.#target;
    switch (route.kind) {
      case "direct": {
        const { port } = podsOf(this.#target);
        return dialAddress(server, port, `on port ${port}`);
      }
      case "tunnel": {
        const { host, port } = route;
        return dialAddress(host, port, `through the tunnel ${host}:${port}`);
      }
      case "port-forward":
        return dialPod(await this.#cluster(), this.#target);
    }
  }

  /** Read once, since the kubeconfig may run a program that logs in. */
  #cluster(): Promise<ClusterApi> {
    this.#api ??= ClusterApi.load(this.#target.context);
    return this.#api;
  }
}

/** Whether the same attempt may succeed a little later: a new primary is elected within seconds. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ApiError) return error.kind === "unreachable";
  return error instanceof RouteError && error.passing;
}

function dialAddress(host: string, port: number, way: string): Promise<Line> {
  return new Promise((resolve, reject) => {
    const keptAlive = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE } as const;
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true, ...keptAlive });
    // Providers keep their connections until the program ends: these must not keep it from ending.
    socket.unref();
    socket.setTimeout(CONNECT_TIMEOUT, () => {
      socket.destroy(new Error(`no connection within ${CONNECT_TIMEOUT / 1000} seconds`));
    });
    socket.once("error", (cause: NodeJS.ErrnoException) => {
      reject(unconnected(cause, way));
    });
    socket.once("connect", () => {
      socket.setTimeout(0);
      resolve({ connection: socket, way });
    });
  });
}

function unconnected(cause: NodeJS.ErrnoException, way: string): RouteError {
  const text = `${way}: ${cause.message}`;
  if (cause.syscall !== "getaddrinfo") return new RouteError(text, true, { cause });
  const advice =
    "Inside of the cluster its names are known; from elsewhere set sark-databases:route";
  return new RouteError(`${text}. ${advice} to port-forward`, false, { cause });
}

async function dialPod(api: ClusterApi, target: Target): Promise<Line> {
  const { namespace } = target;
  const pods = podsOf(target);
  const pod = await findPod(api, namespace, pods);
  const way = `through the Kubernetes API, pod ${pod}`;
  try {
    return { connection: await api.portForward(namespace, pod, pods.port), way };
  } catch (cause) {
    // Gone since it was found.
    if (cause instanceof ApiError && cause.kind === "absent") {
      throw new RouteError(`${way}: ${cause.message}`, true, { cause });
    }
    throw cause;
  }
}
