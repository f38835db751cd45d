import type { z } from "zod";
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
import type { ServerRuns } from "./server-runs";

/** Memory in bytes and processors that a server on this machine may use. */
export type MachineShare = Pick<ServerSize, "memory" | "vcpus">;

/** The plans of both servers. */
export type ServerPlans = Readonly<Record<DatabaseName, ServerPlan>>;

/** What a server is in its home. */
interface HomeServer {
  /** The machine that a size stands for; sizes in bytes. */
  readonly size: ServerSize;
  /** Bytes of the memory that the home keeps for itself. @default 0 */
  readonly reservedMemory?: number;
  /** Servers that follow the primary and that the pool leads to. */
  readonly replicas: number;
  /** Sessions that the home keeps, and those of replicas that the pool does not lead to. @default - none */
  readonly sessions?: Pick<BudgetInput, "reserved" | "providerReserved"> & {
    readonly moreReplicas: number;
  };
  /** What the stack sets itself, on some of its servers alone. @default - nothing */
  readonly given?: readonly GivenParameters[];
  /** Who makes its requests: the rows a second of a hypertable are estimated from it. */
  readonly load: Load;
}

/** The settings of a database that lives in a home, with all that every home's has. */
export type DatabaseSchema<T extends DatabaseSettings> = z.ZodObject & z.ZodType<T>;

/** What a stack may say of a home. Another home's keys are unknown there. */
interface HomeSettings {
  /** A group of the stack by the home's name. @default - none */
  readonly group?: z.ZodType;
  /** Names of settings that are secrets; {@link Home.secrets} says when each is needed. @default - none */
  readonly secrets?: readonly string[];
  readonly sark: DatabaseSchema<DatabaseSettings>;
  /** Or why the database cannot live here. */
  readonly sark_audit: DatabaseSchema<AuditSettings> | string;
}

/** A service account that opens the bucket of the backups, and how far. Folders are whole paths in the bucket. */
export interface ArchiveAccount {
  readonly account: string;
  /** Folder that it writes to. */
  readonly writes: string;
  /** Folders that it lists and reads; a dump is only written. */
  readonly reads: readonly string[];
  /** Whether it is a cluster's: with `kubernetes.retain` those outlive the stack, and no dump does. */
  readonly ofCluster: boolean;
}

/** The pods that open the bucket of the backups. */
export interface BucketClients {
  readonly namespace: string;
  /** Whether clusters outlive the stack, and their roles with them. */
  readonly retain: boolean;
  /** Whether the home runs anything of the stack. */
  readonly pods: boolean;
  readonly accounts: readonly ArchiveAccount[];
}

/** What leads to a home's servers from the home of their pool and jobs. */
interface Outside {
  readonly port: number;
  /** PEM of the authorities that sign the servers' certificates. @throws Error for one that is not known */
  readonly authorities: () => string;
  /** Of the pods that hand connections on, where the program itself does not reach the servers. @default - a fixed one */
  readonly gatewayImage: string | undefined;
}

/** What a stack asks of one home. */
export interface HomeRequest {
  /** Databases whose servers live in it. */
  readonly databases: readonly DatabaseName[];
  /** Databases whose pool and jobs run in it, wherever their servers live. */
  readonly served: readonly DatabaseName[];
  /** Whether PgBouncer runs in it. */
  readonly pool: boolean;
  /** Whether pods in it lead to a server of another home. */
  readonly gateway: boolean;
  /** Servers of another home that it serves. */
  readonly outside: Outside | undefined;
  /** The pods that open the bucket of the backups, in whichever home. */
  readonly clients: BucketClients | undefined;
}

/** The loopback port on which the program reaches a database. */
interface RelayPorts {
  /** Path of the setting that names the port. */
  readonly setting: readonly string[];
  /** The named port; undefined for the usual one. */
  readonly port: number | undefined;
  /**
   * Tried first where none is named. The port is an input of the PostgreSQL provider: a new one in each run would be a
   * change in each preview.
   */
  readonly usual: number;
}

/**
 * A place where servers live. Each declares the settings that it reads; the schema that the registry makes of them has
 * checked what it is given. Everything that the rest of the project knows of a home is in here; what it makes is in
 * its directory.
 */
export interface Home {
  readonly settings: HomeSettings;
  /** Whether a stack has anything here. */
  isUsed(settings: Settings, request: HomeRequest): boolean;
  /** The home that the pool, the jobs and the gateway of its databases run in. */
  readonly workloads: string;
  /** Whether it runs the stack's jobs. @default false */
  readonly jobs?: boolean;
  /** PgBouncer's processes here: whether there is one or the setting's number, and how many more during an update. */
  readonly pool: { readonly single: boolean; readonly surge: number };
  /** Which PostgreSQL it runs: what a stack may set itself. */
  readonly kind: ServerKind;
  /** Whether its servers are on the machine that the program runs on, or stand in for such a server. */
  readonly onThisMachine: boolean;
  /** What becomes of the data of a server that is deleted: it is lost, or a last snapshot stays. */
  readonly deleted: "lost" | "saved";
  /** What changes of its resources do. */
  readonly effects: readonly ResourceEffects[];

  /**
   * What in a stack's settings cannot work here, told before anything is planned. @default - nothing
   * @param stack its name
   * @param now what a point in time to recover to is compared with
   * @param request what the stack asks of this home
   */
  problems?(settings: Settings, stack: string, now: Date, request: HomeRequest): readonly Problem[];
  /** The same, of what was computed for the servers. Only called when the servers could be planned. @default - none */
  plannedProblems?(
    settings: Settings,
    servers: ServerPlans,
    request: HomeRequest,
  ): readonly Problem[];
  /** Its secrets that the settings ask for, and why. @default - none */
  secrets?(
    settings: Settings,
    request: HomeRequest,
  ): readonly { readonly name: string; readonly why: string }[];
  /** What is doubtful about the settings, a sentence or two each. @default - nothing */
  warnings?(settings: Settings, request: HomeRequest): readonly string[];

  /**
   * Completes what the settings say of a server.
   * @param share this machine's, for a server on it whose size is left out
   */
  describe(settings: Settings, database: DatabaseName, share: MachineShare): HomeServer;
  /** A problem of a server's machine, told by what can be changed. @default - by the name of the database */
  machineProblem?(settings: Settings, problem: Problem, input: TuningInput): Problem | undefined;

  /** How the program reaches a server whose address means nothing where it runs. @default - by its own address */
  relay?(settings: Settings, database: DatabaseName): RelayPorts | undefined;
  /** Loopback ports that its processes listen on, by the path of their setting. @default - none */
  ports?(
    settings: Settings,
  ): readonly { readonly setting: readonly string[]; readonly port: number }[];
  /**
   * Whether a server here is only reached through pods in the home of its workloads.
   * @default - never
   */
  gateway?(settings: Settings, database: DatabaseName): boolean;
  /** How its servers are reached from the home of their workloads. @default - as servers of that home */
  outside?(settings: Settings): Outside | undefined;
  /** The pods here that open the bucket of the backups. @default - none */
  clients?(settings: Settings, served: readonly DatabaseName[]): BucketClients;
  /**
   * Completes what the settings say of the backups, where it makes their storage. @default - as they are
   * @param stack its name
   */
  backups?(settings: Settings, stack: string, request: HomeRequest): Settings["backups"];
  /** What a database runs on, as far as its stack decides that. */
  runs(settings: Settings, database: DatabaseName, plan: ServerPlan): ServerRuns;
  /**
   * Roles that its servers have besides those of the role plan.
   * @param admin login of the database's administrator
   * @param external whether somebody else runs the server
   */
  roles(admin: string, external: boolean): HomeRoles;
}
