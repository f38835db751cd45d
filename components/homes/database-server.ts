import type * as pulumi from "@pulumi/pulumi";
import type { Need, OuterNeed } from "../objectives/plan/objective";
import type { DatabaseName } from "../roles/plan/role-plan";
import type { ServerPlan } from "./plan/server-plan";
import type { ServerTarget } from "../route/open-relay";

/** Address of a server. */
export interface Endpoint {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  /**
   * Folder below `.sark/local` with the server's Unix socket; no other user of the machine can enter it.
   * @default - none: TCP only, or a remote server
   */
  readonly socket?: string;
  /**
   * Name of the server's Service on Kubernetes. Pods in its namespace connect to this name: the first domain of their
   * DNS search list completes it, so it takes one look-up. The server's certificate names it. @default - none
   */
  readonly service?: string;
}

/** A server of a database, for an exporter that reads its metrics over the network. */
export interface ExportedServer extends Endpoint {
  /** Label `server` of its series. */
  readonly name: string;
  readonly role: "primary" | "replica";
  readonly majorVersion: number;
}

/** How the database layer reaches a server from where the program runs; never through a transaction pool. */
export interface AdminConnection extends Endpoint {
  readonly user: string;
  /** Secret. */
  readonly password: pulumi.Output<string>;
  /** libpq's `sslmode`; `disable` only on a loopback address. */
  readonly sslMode: "disable" | "verify-full";
  /**
   * Identity of the server behind the address, where another server can take over the address. Objects made in one
   * server are then made in the next one, too. @default - the address always leads to the same server
   */
  readonly serverIdentity?: string;
  /** Whether the admin is a superuser (a managed server's is not). */
  readonly superuser: boolean;
}

/**
 * A running server with one empty database on it, which every home provides and the database layer, the pool and the
 * outputs consume without knowing the home.
 */
export interface DatabaseServer extends Endpoint {
  readonly home: string;
  readonly engine: "postgresql" | "timescaledb";
  readonly database: DatabaseName;
  readonly admin: AdminConnection;
  /** libpq's `sslmode` for the server's own address. @default - the administrator's */
  readonly sslMode?: AdminConnection["sslMode"];
  /** Sessions the server accepts at once. */
  readonly maxConnections: number;
  /** Extensions of the role plan that this server provides. */
  readonly extensions: readonly string[];
  /** Limitations of this server, a sentence each, shown to users. */
  readonly limits: readonly string[];
  /** Parts that objectives need and this server lacks. @default - none */
  readonly lacks?: readonly Need[];
  /** Parts around it that an exporter measures. @default - none */
  readonly exports?: readonly OuterNeed[];
  /** Regular expression of its label `server` in metrics, where those of an earlier server remain. @default - any */
  readonly servers?: string;
  /** Parameters, connection budget and pool entries computed for it. */
  readonly plan: ServerPlan;
  readonly replica?: Endpoint;
  /** Servers without an exporter of their own, which one beside the pool reads. @default - none */
  readonly exported?: readonly ExportedServer[];
  /** Relay target, for a server whose address works only inside its own network. */
  readonly relay?: ServerTarget | pulumi.Output<ServerTarget>;
  /**
   * Whether the server hides its logins' password verifiers, as a managed service does. PgBouncer then looks them up in
   * a copy. @default false
   */
  readonly hidesVerifiers?: boolean;
  /** Secret that its backups are encrypted with. @default - the storage encrypts them, or there are none */
  readonly backupPassphrase?: pulumi.Output<string>;
  /** Resource to wait for before connecting. @default - the resource that holds the data */
  readonly ready?: pulumi.Resource;
  /**
   * The resource that holds the data. Objects inside the server are deleted and recreated with it. Unset for a server
   * that the stack does not manage; its objects are left in place.
   */
  readonly dataResource?: pulumi.Resource;
  /** Whether destroying the stack keeps the server and its data. @default false */
  readonly retained?: boolean;
  /** Whether a new server is restored from a backup, with the objects of the old one. @default false */
  readonly restoredFromBackup?: boolean;
}
