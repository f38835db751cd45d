import type { z } from "zod";
import type { HomeBackups } from "../../backups/plan/backup-promise";
import type { BudgetInput } from "../../connections/plan/connection-sums";
import type { Load } from "../../hypertables/plan/ingest";
import type { TuningInput } from "../../parameters/formulas/tune";
import type { GivenParameters, ServerKind } from "../../parameters/parameter-overrides";
import type { HomeRoles } from "../../roles/plan/home-roles";
import type { DatabaseName } from "../../roles/plan/role-plan";
import type {
  AuditSettings,
  DatabaseSettings,
  ServerSize,
} from "../../settings/plan/settings-database";
import type { Settings } from "../../settings/plan/settings-stack";
import type { Problem } from "../../text/problem";
import type { ResourceEffects } from "./resource-effects";
import type { ServerPlan } from "./server-plan";
import type { ServerSpec } from "./server-spec";

/** Memory in bytes and processors that a server on this machine may use. */
export type MachineShare = Pick<ServerSize, "memory" | "vcpus">;

/** The plans of both servers. */
export type ServerPlans = Readonly<Record<DatabaseName, ServerPlan>>;

/** The size, replicas and sessions of a server in its home. */
interface HomeServer {
  /** The machine, with all sizes filled in; in bytes. */
  readonly size: ServerSize;
  /** Memory that the home reserves, in bytes. @default 0 */
  readonly reservedMemory?: number;
  /** Replicas that the pool routes to. */
  readonly replicas: number;
  /** Sessions that the home reserves, and the number of replicas outside of the pool. @default - none */
  readonly sessions?: Pick<BudgetInput, "reserved" | "providerReserved"> & {
    readonly moreReplicas: number;
  };
  /** Parameters that the stack sets on some of the servers only. @default - none */
  readonly given?: readonly GivenParameters[];
  /** The expected load, from which the rows a second of each hypertable are estimated. */
  readonly load: Load;
}

/** Schema of a database in one home; it includes the settings common to all homes. */
export type DatabaseSchema<T extends DatabaseSettings> = z.ZodObject & z.ZodType<T>;

/** Schemas of the settings in one home. Keys of other homes are rejected there. */
interface HomeSettings {
  /** The stack's group of settings named after the home. @default - none */
  readonly group?: z.ZodType;
  /** Names of settings that are secrets; {@link Home.secrets} says when each is needed. @default - none */
  readonly secrets?: readonly string[];
  readonly sark: DatabaseSchema<DatabaseSettings>;
  /** The schema, or the reason why this home cannot run the database. */
  readonly sark_audit: DatabaseSchema<AuditSettings> | string;
}

/** A service account with access to the backup bucket. Folders are full paths in the bucket. */
export interface ArchiveAccount {
  readonly account: string;
  /** Folder that it writes to. @default - none */
  readonly writes?: string;
  /** Folders that it lists and reads. Dumps are only written. */
  readonly reads: readonly string[];
  /** Whether the account belongs to a cluster, which outlives the stack with `kubernetes.retain`; jobs do not. */
  readonly ofCluster: boolean;
}

/** Pods with access to the backup bucket. */
export interface BucketClients {
  readonly namespace: string;
  /** Whether clusters and the roles that they use outlive the stack. */
  readonly retain: boolean;
  /** Whether the home runs any pod of the stack. */
  readonly pods: boolean;
  readonly accounts: readonly ArchiveAccount[];
}

/** How the pool and jobs in another home connect to this home's servers. */
interface RemoteAccess {
  readonly port: number;
  /** PEM of the certificate authorities of the servers. @throws Error for an unknown authority */
  readonly authorities: () => string;
  /** Image of the gateway pods, used where the program cannot reach the servers itself. @default - a fixed image */
  readonly gatewayImage: string | undefined;
  /** Exporter of the servers' metrics beside the pool, with its image. @default - none; image: a fixed one */
  readonly exporter: { readonly image?: string | undefined } | undefined;
}

/** The tasks that a stack gives to one home. */
export interface HomeRequest {
  /** Databases whose servers live in it. */
  readonly databases: readonly DatabaseName[];
  /** Databases whose pool and jobs run in it, wherever their servers live. */
  readonly served: readonly DatabaseName[];
  /** Whether PgBouncer runs in it. */
  readonly pool: boolean;
  /** Whether gateway pods in it forward to a server of another home. */
  readonly gateway: boolean;
  /** Access to servers of another home whose pool and jobs run here. */
  readonly outside: RemoteAccess | undefined;
  /** Pods with access to the backup bucket, in any home. */
  readonly clients: BucketClients | undefined;
}

/** The loopback port on which the program reaches a database. */
interface RelayPorts {
  /** Path of the setting that names the port. */
  readonly setting: readonly string[];
  /** The port that is set; undefined for the default one. */
  readonly port: number | undefined;
  /**
   * Tried first where no port is set. It is fixed because the port is an input of the PostgreSQL provider: a random one
   * would show up as a change in every preview.
   */
  readonly defaultPort: number;
}

/**
 * A place to run servers. Each home declares its settings, and the registry's schema has validated them before the home
 * sees them. This interface is all that the rest of the project knows of a home; its resources are made in its
 * directory.
 */
export interface Home {
  readonly settings: HomeSettings;
  /** Whether a stack has anything here. */
  isUsed(settings: Settings, request: HomeRequest): boolean;
  /** Name of the home that runs the pool, jobs and gateway of its databases. */
  readonly workloads: string;
  /** Whether it runs the stack's jobs. @default false */
  readonly jobs?: boolean;
  /** Whether its servers keep base backups and WAL in `backups.bucket`, for restore drills. @default false */
  readonly archives?: boolean;
  /**
   * PgBouncer processes here: one (`single`) or the setting's number, and how many more run during an update (`surge`).
   */
  readonly pool: { readonly single: boolean; readonly surge: number };
  /** The PostgreSQL build, and which parameters a stack may set. */
  readonly kind: ServerKind;
  /** Whether its servers run on the program's machine, or stand in for such servers. */
  readonly onThisMachine: boolean;
  /** What happens to a deleted server's data: it is lost, or kept in a final snapshot. */
  readonly dataAfterDelete: "lost" | "saved";
  /** Effects of changes to its resources. */
  readonly effects: readonly ResourceEffects[];

  /**
   * Settings that cannot work here, reported before anything is planned. @default - none
   * @param stack the stack's name
   * @param now compared with a recovery target time
   * @param request what the stack asks of this home
   */
  problems?(settings: Settings, stack: string, now: Date, request: HomeRequest): readonly Problem[];
  /** Problems of the planned servers. Called only if planning succeeded. @default - none */
  plannedProblems?(
    settings: Settings,
    servers: ServerPlans,
    request: HomeRequest,
  ): readonly Problem[];
  /** Secrets that the settings require, with the reason. @default - none */
  secrets?(
    settings: Settings,
    request: HomeRequest,
  ): readonly { readonly name: string; readonly why: string }[];
  /** Warnings about the settings, one or two sentences each. @default - none */
  warnings?(settings: Settings, request: HomeRequest): readonly string[];

  /**
   * Fills in what the settings leave out about a server.
   * @param share of this machine, for a local server without a size
   */
  describe(settings: Settings, database: DatabaseName, share: MachineShare): HomeServer;
  /** Rewords a problem of a server's machine, naming the setting to change. @default - names the database */
  machineProblem?(settings: Settings, problem: Problem, input: TuningInput): Problem | undefined;

  /**
   * Relay port of a server whose address is unreachable from the program. @default - the server's own address is used
   */
  relay?(settings: Settings, database: DatabaseName): RelayPorts | undefined;
  /** Loopback ports that its processes listen on, by the path of their setting. @default - none */
  ports?(
    settings: Settings,
  ): readonly { readonly setting: readonly string[]; readonly port: number }[];
  /** Whether a server here is reachable only through gateway pods in the home of its workloads. @default - never */
  gateway?(settings: Settings, database: DatabaseName): boolean;
  /** How workloads in another home connect to its servers. @default - as to servers of their own home */
  outside?(settings: Settings): RemoteAccess | undefined;
  /** Pods here with access to the backup bucket. @default - none */
  clients?(settings: Settings, served: readonly DatabaseName[]): BucketClients;
  /**
   * Fills in the backup settings, in a home that makes the backup storage. @default - unchanged
   * @param stack the stack's name
   */
  backups?(settings: Settings, stack: string, request: HomeRequest): Settings["backups"];
  /**
   * What the backups of a database can keep; undefined if it has none, null if they are not the stack's. @default - no
   * backups
   */
  backupsOf?(
    settings: Settings,
    database: DatabaseName,
    plan: ServerPlan,
  ): HomeBackups | null | undefined;
  /** Machine and servers of a database, as far as the settings decide them. */
  serverSpec(settings: Settings, database: DatabaseName, plan: ServerPlan): ServerSpec;
  /**
   * Roles that its servers have besides those of the role plan.
   * @param admin login of the database's administrator
   * @param external whether the server is one that the stack does not run
   */
  roles(admin: string, external: boolean): HomeRoles;
}
