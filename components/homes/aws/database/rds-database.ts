import * as pulumi from "@pulumi/pulumi";
import type {
  AdminConnection,
  DatabaseServer,
  Endpoint,
  ExportedServer,
} from "../../database-server";
import type { Login } from "../../../connections/database-connection";
import {
  currentGeneration,
  primaryIdentifier,
  replicaIdentifiers,
  secondRegionReplicaIdentifier,
} from "./plan/rds-identifiers";
import { type DatabaseName, adminName, rolePlan } from "../../../roles/plan/role-plan";
import { compact } from "../../../text/present";
import type { ServerPlan } from "../../plan/server-plan";
import { randomPassword } from "../../../resources/random-password";
import type { RdsTarget } from "../../../route/open-relay";
import type { ServerRegion } from "../platform/stack-regions";
import type { RdsSpec } from "../plan/rds-stack";
import { administrator } from "./administrator";
import { type MasterLogin, masterLogin } from "./master-login";
import { MonitoringRole } from "./monitoring-role";
import { RdsPrimary } from "./rds-primary";
import { type RdsRegion, rdsRegion } from "./rds-region";
import { RdsReplica, type RdsReplicaArgs } from "./rds-replica";
import type { DatabaseArgs } from "./rds-server";
import { serverVersion } from "./plan/replica-parameters";
import { type RdsRelayArgs, openRdsRelay } from "./rds-relay";

export interface RdsDatabaseArgs extends DatabaseArgs, RdsRelayArgs {
  /** Number of password rotations. */
  readonly rotation: number;
}

/**
 * The database `sark` on Amazon RDS: a primary, its replicas, and optionally a replica in the second region.
 *
 * A recovery (`recovery.generation`) creates a server with another name and its own replicas, before the old one is
 * deleted. With `protection` no server is deleted: the update fails until protection is turned off, or until the old
 * servers are unprotected in the state. In the latter case they stay on AWS, outside of the stack.
 *
 * A promotion (`rds.promoted`) makes a replica the writer. The old primary and its other replicas stay, but nothing
 * writes to them or reads from them: reads go to the promoted server. It keeps its class and parameters, and has no
 * replicas. To get replicas again, recover: take a snapshot of the promoted server, set `rds.snapshot` and the next
 * generation, and remove `promoted`.
 */
export class RdsDatabase extends pulumi.ComponentResource implements DatabaseServer {
  readonly home = "aws";
  readonly engine = "postgresql";
  readonly sslMode = "verify-full";
  readonly database: DatabaseName = "sark";
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly admin: AdminConnection;
  readonly maxConnections: number;
  readonly extensions: readonly string[];
  readonly limits: readonly string[];
  readonly plan: ServerPlan;
  /** Endpoint for reads: the first replica, or the promoted server. Unset without replicas. */
  readonly replica?: Endpoint;
  /** Servers that the pool routes to. The replica in the second region is not reachable from the cluster. */
  readonly exported: readonly ExportedServer[];
  readonly relay: pulumi.Output<RdsTarget>;
  readonly hidesVerifiers = true;
  readonly ready: pulumi.Resource;
  readonly dataResource: pulumi.Resource;
  readonly restoredFromBackup: boolean;
  readonly retained: boolean;
  /** Server that was created as the primary of this generation. After a promotion it is not the writer. */
  readonly primary: RdsPrimary;
  /** Replicas in the primary's region. */
  readonly replicas: readonly RdsReplica[];
  /** Replica in the second region. */
  readonly secondRegionReplica: RdsReplica | undefined;
  /** Server that accepts writes. */
  readonly writer: RdsPrimary | RdsReplica;

  readonly #args: RdsDatabaseArgs;
  readonly #monitoring: MonitoringRole;

  constructor(name: string, args: RdsDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:RdsDatabase", name, {}, opts);
    this.#args = args;
    const { platform, aws, database, plan, rotation } = args;
    const { names, protection } = platform;
    this.plan = plan;
    this.maxConnections = plan.maxConnections;
    this.extensions = rolePlan(this.database, rotation).extensions;
    this.limits = limitsOf(database);
    this.retained = protection;
    const { recovery, rds } = database;
    this.restoredFromBackup = recovery !== undefined || rds.promoted !== undefined;

    const generation = recovery ? `${name}-${recovery.generation}` : name;
    const region = this.#region(`${name}-region`, platform.main);
    this.#monitoring = new MonitoringRole(`${name}-monitoring`, platform, { parent: this });
    const master = masterLogin(`${generation}-master`, { ...args, region }, this);
    this.primary = new RdsPrimary(
      `${generation}-primary`,
      {
        ...args,
        region,
        monitoring: this.#monitoring,
        master,
        identifier: primaryIdentifier(database, names),
      },
      { parent: this },
    );
    this.replicas = replicaIdentifiers(this.primary.identifier, database.replicas).map(
      (identifier, index) =>
        this.#replica(`${generation}-replica-${index + 1}`, {
          region,
          master,
          identifier,
          number: index + 1,
          promoted: rds.promoted === index + 1,
        }),
    );
    this.secondRegionReplica = this.#secondRegionReplica(name, generation, master);
    this.writer = this.#writer();

    const { instance } = this.writer;
    this.host = instance.address;
    this.port = pulumi.output(aws.port);
    const read = rds.promoted === undefined ? this.replicas[0] : this.writer;
    if (this.replicas.length > 0 && read) {
      this.replica = { host: read.instance.address, port: this.port };
    }
    const inUse = rds.promoted === undefined ? [this.primary, ...this.replicas] : [this.writer];
    this.exported = inUse.map((each) => ({
      name: each.identifier,
      role: each.acceptsWrites ? "primary" : "replica",
      majorVersion: serverVersion(database, each.role),
      host: each.instance.address,
      port: this.port,
    }));
    this.dataResource = instance;

    const endpoints = { server: this.host, ...(read ? { replica: read.instance.address } : {}) };
    const relay = openRdsRelay(name, args, endpoints, { parent: this });
    const login: Login = {
      user: adminName(this.database),
      password: randomPassword(`${name}-admin-password`, { parent: this }),
    };
    this.relay = relay.relay;
    this.ready = administrator(
      `${name}-administrator`,
      {
        host: relay.host,
        port: relay.port,
        server: this.host,
        identifier: this.writer.identifier,
        primary: this.primary.identifier,
        generation: currentGeneration(database),
        region: names.region,
        masterSecret: master.secret(this.primary.instance),
        database: this.database,
        majorVersion: database.majorVersion,
      },
      login,
      {
        parent: this,
        dependsOn: [instance, ...relay.ready],
        deletedWith: instance,
        replaceWith: [instance],
      },
    );
    this.admin = {
      host: relay.host,
      port: relay.port,
      ...login,
      // To the relay on a loopback address, which connects to the server with verified TLS.
      sslMode: "disable",
      serverIdentity: this.writer.identifier,
      superuser: false,
    };
    this.registerOutputs({ host: this.host, port: this.port });
  }

  #region(name: string, place: ServerRegion, sources = this.#args.aws.sources): RdsRegion {
    const { platform, aws } = this.#args;
    return rdsRegion(name, { platform, stackRegion: place, sources, port: aws.port }, this);
  }

  #replica(
    name: string,
    args: Omit<RdsReplicaArgs, keyof RdsDatabaseArgs | "monitoring" | "primary">,
  ): RdsReplica {
    const own = { monitoring: this.#monitoring, primary: this.primary };
    return new RdsReplica(name, { ...this.#args, ...own, ...args }, { parent: this });
  }

  #secondRegionReplica(
    name: string,
    generation: string,
    master: MasterLogin,
  ): RdsReplica | undefined {
    const { aws, database, platform } = this.#args;
    const { second } = platform;
    const identifier = secondRegionReplicaIdentifier(this.primary.identifier, aws);
    const network = second?.network;
    const given = aws.secondRegion?.replica;
    if (identifier === undefined || !network || !given) return undefined;
    const region = this.#region(`${name}-second-region`, { ...second, network }, given.sources);
    return this.#replica(`${generation}-second-region-replica`, {
      region,
      master,
      identifier,
      number: 1,
      promoted: database.rds.promoted === "second-region",
    });
  }

  #writer(): RdsPrimary | RdsReplica {
    const { promoted } = this.#args.database.rds;
    if (promoted === undefined) return this.primary;
    const writer =
      promoted === "second-region" ? this.secondRegionReplica : this.replicas[promoted - 1];
    if (!writer) throw new Error(`replica ${promoted} cannot be promoted: it does not exist`);
    return writer;
  }
}

/** Limits of the database that follow from its settings, shown to users. */
function limitsOf({ availability, replicas, rds }: RdsSpec): readonly string[] {
  return compact(
    availability === "single" && "single server: no service while it restarts or its zone is down",
    replicas > 0 &&
      rds.promoted === undefined &&
      "reads from a replica may be stale: replication is asynchronous",
    rds.promoted !== undefined &&
      "a replica was promoted: the old primary's other replicas are no longer used for reads",
  );
}
