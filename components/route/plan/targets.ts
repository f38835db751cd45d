/** What a relay leads to, as plain data: it is kept in the stack's outputs, where the commands find it. */

/** How a server is reached from where the program runs. */
export type Route =
  /** By its own address, from inside of its network. */
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

/** A database server of CloudNativePG's. */
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

/** Pods that hand each connection on to a server, unread. */
export interface Gateway {
  /** Context of the kubeconfig. @default - the current one */
  readonly context?: string | undefined;
  readonly namespace: string;
  /** Labels of the pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** Where they lead to the primary. */
  readonly port: number;
  /** Where they lead to a replica. @default - nowhere */
  readonly replicaPort?: number;
}

/** How a server on Amazon RDS is reached: as any other, but that a port-forward needs a pod that leads to it. */
export type RdsRoute =
  | Exclude<Route, { readonly kind: "port-forward" }>
  | { readonly kind: "port-forward"; readonly gateway: Gateway };

/** A server on Amazon RDS. */
export interface RdsTarget {
  readonly route: RdsRoute;
  /** Address of its endpoint, which its certificate bears and `direct` dials. */
  readonly server: string;
  readonly port: number;
  /** Regions whose authorities of Amazon RDS are believed. */
  readonly authority: { readonly rds: readonly string[] };
  /** Which of the servers it is; the gateway has a port for each. @default primary */
  readonly role?: "primary" | "replica";
}

/** A database server, wherever it is. */
export type ServerTarget = DatabaseTarget | RdsTarget;

export type Target = ServerTarget | PodsTarget;

export function isRds(target: Target): target is RdsTarget {
  return typeof target.authority !== "string";
}
