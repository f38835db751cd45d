import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseLayer } from "../database-layer/database-layer";
import type { ConnectionPool } from "../pool/connection-pool";
import type { DatabaseName } from "../roles/plan/role-plan";
import type { LoopbackPort } from "../route/loopback-port";
import type { Gateway } from "../route/open-relay";
import type { StackSettings } from "../settings/stack-settings";
import type { Problem } from "../text/problem";
import type { DatabaseServer } from "./database-server";
import type { HomeRequest } from "./plan/home";

/** Addresses of endpoints, which are unknown until the servers exist. */
export interface Endpoints {
  /** Of the server that is written to. */
  readonly server: pulumi.Output<string>;
  /** Of a replica that `npm run status` asks. */
  readonly replica?: pulumi.Output<string>;
}

/** Makes pods that hand connections on to a server, unread. */
export type MakeGateway = (
  name: string,
  endpoints: Endpoints,
  opts: pulumi.ComponentResourceOptions,
) => pulumi.Resource & { readonly target: Gateway };

/** What a home makes of a stack, in the order in which the program asks for it. */
export interface OpenHome {
  /** Builds storage for backups, for all homes of the stack; returns what servers that use it wait for. */
  backups?(): pulumi.Resource | undefined;
  /**
   * Builds a database's server.
   * @param name of its resources, such as `sark-audit`
   */
  server(name: string, database: DatabaseName, around: Surroundings): DatabaseServer;
  /** Builds PgBouncer for databases whose workloads run here. */
  pool?(databases: readonly DatabaseLayer[]): ConnectionPool;
  /** Hands the application its logins, where it looks for them here. */
  logins?(
    databases: readonly DatabaseLayer[],
    pool: ConnectionPool | undefined,
  ): readonly pulumi.Resource[];
  /** Builds the jobs that keep databases in order whose workloads run here. */
  maintenance?(databases: readonly DatabaseLayer[]): void;
  /** Builds what watches over the servers. */
  monitoring?(): void;
  /** Makes pods that lead to a server of another home. */
  readonly makeGateway?: MakeGateway;
}

/** What a server gets from elsewhere in the stack. */
interface Surroundings {
  /** Where the program reaches it, for a server with a relay. */
  readonly listen: LoopbackPort | undefined;
  /** What {@link OpenHome.backups} made. */
  readonly storage: pulumi.Resource | undefined;
  /** Of the home in which its workloads run. */
  readonly makeGateway: MakeGateway | undefined;
}

/** What `open-<name>.ts` of a home's directory exports as `home`; loaded only for a stack that uses the home. */
export interface HomeModule {
  /** What was found out by looking, before anything is made. @default - nothing is looked at */
  check?(settings: StackSettings, request: HomeRequest): Promise<readonly Problem[]>;
  /**
   * Connects to the home, and makes what all of its parts stand on.
   * @throws SettingsError for what was given there and is not as it has to be
   */
  open(settings: StackSettings, request: HomeRequest): OpenHome | Promise<OpenHome>;
}
