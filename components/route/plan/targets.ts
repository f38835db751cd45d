/** Targets of a relay, as plain data: they are stored in the stack's outputs, where commands read them. */

/** Route from this program to a server. */
export type Route =
  /** Directly by its address, inside its network. */
  | { readonly kind: "direct" }
  /** Through an existing tunnel. */
  | { readonly kind: "tunnel"; readonly host: string; readonly port: number }
  /** Through the Kubernetes API, to a pod. */
  | { readonly kind: "port-forward" };

/** Address and identity of a server on Kubernetes. */
interface KubernetesServer {
  readonly route: Route;
  /** Context of the kubeconfig. @default - the current one */
  readonly context?: string | undefined;
  readonly namespace: string;
  /** Name in the server's certificate, such as `sark-rw.sark-databases.svc`; `direct` also connects to it. */
  readonly server: string;
  /** Secret with the CA of the certificate, under `ca.crt`; the operator's is `<cluster>-ca`. */
  readonly authority: string;
}

/** A CloudNativePG server. */
export interface DatabaseTarget extends KubernetesServer {
  /** Name of the CloudNativePG cluster. */
  readonly cluster: string;
  /** Which server; a port-forward uses any ready stand-by. @default primary */
  readonly role?: "primary" | "replica";
}

/** One of several equal pods that speak PostgreSQL's protocol, such as PgBouncer's. */
export interface PodsTarget extends KubernetesServer {
  /** Labels of the pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** Port of the pods and their service. */
  readonly port: number;
}

/** Pods that forward TCP connections to a server unread. */
export interface Gateway {
  /** Context of the kubeconfig. @default - the current one */
  readonly context?: string | undefined;
  readonly namespace: string;
  /** Labels of the pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** Port that leads to the primary. */
  readonly port: number;
  /** Port that leads to a replica. @default - none */
  readonly replicaPort?: number;
}

/** Route to a server on RDS. A port-forward needs a gateway pod. */
export type RdsRoute =
  | Exclude<Route, { readonly kind: "port-forward" }>
  | { readonly kind: "port-forward"; readonly gateway: Gateway };

/** A server on Amazon RDS. */
export interface RdsTarget {
  readonly route: RdsRoute;
  /** Endpoint address; it is in the certificate, and `direct` connects to it. */
  readonly server: string;
  readonly port: number;
  /** Regions whose RDS CAs are trusted. */
  readonly authority: { readonly rds: readonly string[] };
  /** Which server; the gateway has a port for each. @default primary */
  readonly role?: "primary" | "replica";
}

/** A database server in any home. */
export type ServerTarget = DatabaseTarget | RdsTarget;

export type Target = ServerTarget | PodsTarget;

export function isRds(target: Target): target is RdsTarget {
  return typeof target.authority !== "string";
}
