import type * as pulumi from "@pulumi/pulumi";
import type { Login } from "../connections/database-connection";
import type { DatabaseLayer } from "../database-layer/database-layer";
import type { ConnectionPool } from "../pool/connection-pool";
import type { MonitoredStack } from "../objectives/monitored-stack";
import type { DatabaseName } from "../roles/plan/role-plan";
import type { LoopbackPort } from "../route/loopback-port";
import type { Gateway } from "../route/open-relay";
import type { StackSettings } from "../settings/stack-settings";
import type { Problem } from "../text/problem";
import type { DatabaseServer, Endpoint } from "./database-server";
import type { HomeRequest } from "./plan/home";

/** Addresses of a database's servers, unknown until the servers exist. */
export interface ServerAddresses {
  /** The primary's. */
  readonly server: pulumi.Output<string>;
  /** A replica's, which `npm run status` queries. */
  readonly replica?: pulumi.Output<string>;
}

/** Makes pods that forward connections to a server without reading them. */
export type MakeGateway = (
  name: string,
  endpoints: ServerAddresses,
  opts: pulumi.ComponentResourceOptions,
) => pulumi.Resource & { readonly target: Gateway };

/** A Prometheus with the stack's metrics and rules. */
export interface PrometheusServer extends Pick<Endpoint, "host" | "port"> {
  /** False if the program is not installed. */
  readonly running: pulumi.Output<boolean>;
  readonly login: Login;
}

/** Builds a stack's resources in one home. The program calls the members in this order. */
export interface OpenHome {
  /**
   * Builds the backup storage for all homes of the stack.
   * @returns the resource that servers with backups depend on
   */
  backups?(): pulumi.Resource | undefined;
  /**
   * Builds a database's server.
   * @param name of its resources, such as `sark-audit`
   */
  server(name: string, database: DatabaseName, context: ServerContext): DatabaseServer;
  /** Builds PgBouncer for databases whose workloads run here. */
  pool?(databases: readonly DatabaseLayer[]): ConnectionPool;
  /** Publishes the logins where the application reads them here. */
  logins?(
    databases: readonly DatabaseLayer[],
    pool: ConnectionPool | undefined,
  ): readonly pulumi.Resource[];
  /** Builds the maintenance jobs of databases whose workloads run here. */
  maintenance?(databases: readonly DatabaseLayer[]): void;
  /** Builds the monitoring of the servers, and of the pool. */
  monitoring?(stack: MonitoredStack): void;
  /** The Prometheus that {@link monitoring} built, if the stack runs one itself. */
  prometheus?(): PrometheusServer | undefined;
  /** Makes pods that forward to a server of another home. */
  readonly makeGateway?: MakeGateway;
}

/** Parts of the stack that a server needs. */
interface ServerContext {
  /** Loopback port of the server's relay; undefined for a server without one. */
  readonly listen: LoopbackPort | undefined;
  /** Backup storage made by {@link OpenHome.backups}. */
  readonly storage: pulumi.Resource | undefined;
  /** Makes gateway pods in the home of the server's workloads. */
  readonly makeGateway: MakeGateway | undefined;
}

/** The export `home` of a home's `open-<name>.ts`; loaded only for a stack that uses the home. */
export interface HomeModule {
  /** Checks the settings against the platform before anything is made. @default - no checks */
  check?(settings: StackSettings, request: HomeRequest): Promise<readonly Problem[]>;
  /**
   * Connects to the platform and makes the resources that all parts of the home share.
   * @throws SettingsError for settings that do not match the platform
   */
  open(settings: StackSettings, request: HomeRequest): OpenHome | Promise<OpenHome>;
}
