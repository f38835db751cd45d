import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseName } from "../roles/plan/role-plan";
import type { ServerPlan } from "./plan/server-plan";
import type { ServerTarget } from "../route/open-relay";

/** Where a server listens. */
export interface Endpoint {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  /**
   * Folder in `.sark/local` with the server's Unix socket, where no other user of the machine can listen.
   * @default - none, or of a server elsewhere
   */
  readonly socket?: string;
  /**
   * Name of the server's Service on Kubernetes. Pods in its namespace connect to this name: the first domain of their
   * DNS search list completes it, so it takes one look-up. The server's certificate names it. @default - none
   */
  readonly service?: string;
}

/** How the database layer reaches a server from where the program runs; never through a transaction pool. */
export interface AdminConnection extends Endpoint {
  readonly user: string;
  /** Secret. */
  readonly password: pulumi.Output<string>;
  /** libpq's word; `disable` only on a loopback address. */
  readonly sslMode: "disable" | "verify-full";
  /**
   * The server behind the address, where others may come to stand there: what was made in one is made in the next as
   * well. @default - the address has one server for good
   */
  readonly server?: string;
  /** Whether the admin is a superuser (a managed server's is not). */
  readonly superuser: boolean;
}

/**
 * A running server with one empty database on it, which every home provides and the database layer,
 * the pool and the outputs consume without knowing the home.
 */
export interface DatabaseServer extends Endpoint {
  readonly home: string;
  readonly engine: "postgresql" | "timescaledb";
  readonly database: DatabaseName;
  readonly admin: AdminConnection;
  /** TLS to the server's own address, in libpq's words. @default - as the administrator's */
  readonly sslMode?: AdminConnection["sslMode"];
  /** Sessions the server accepts at once. */
  readonly maxConnections: number;
  /** Of the extensions that the role plan names, those that this server has. */
  readonly extensions: readonly string[];
  /** What this server is not, a sentence each, shown to whoever uses it. */
  readonly limits: readonly string[];
  /** What was computed for it. */
  readonly plan: ServerPlan;
  readonly replica?: Endpoint;
  /** How a server whose address means something in its own network alone is reached from elsewhere. */
  readonly relay?: ServerTarget | pulumi.Output<ServerTarget>;
  /**
   * Whether the server shows nobody the verifiers of its logins, as a managed one does: then what PgBouncer looks up is
   * kept beside them. @default false
   */
  readonly hidesVerifiers?: boolean;
  /** What has to be done before the server takes connections. @default - the resource that holds the data */
  readonly ready?: pulumi.Resource;
  /**
   * The resource that holds the data: what is made inside the server goes with it, and is made anew with it.
   * Unset for a server that is not this stack's; there it is left in place.
   */
  readonly lifetime?: pulumi.Resource;
  /** Whether the server and its data stay where they are when the stack is destroyed. @default false */
  readonly retained?: boolean;
  /** Whether a new server comes with what was inside the old one, from a backup. @default false */
  readonly recovered?: boolean;
}
