import * as pulumi from "@pulumi/pulumi";
import type { AdminConnection, DatabaseServer, Endpoint } from "../../database-server";
import type { Login } from "../../../connections/database-connection";
import {
  presentGeneration,
  primaryIdentifier,
  replicaIdentifiers,
  secondRegionReplica,
} from "./plan/instances";
import { type DatabaseName, adminName, rolePlan } from "../../../roles/plan/role-plan";
import { present } from "../../../text/present";
import type { ServerPlan } from "../../plan/server-plan";
import { randomPassword } from "../../../resources/random-password";
import type { RdsTarget } from "../../../route/open-relay";
import type { ServedPlace } from "../platform/places";
import type { RdsSpec } from "../plan/rds-stack";
import { administrator } from "./administrator";
import { type MasterLogin, masterLogin } from "./master-login";
import { MonitoringRole } from "./monitoring-role";
import { RdsPrimary } from "./rds-primary";
import { type RdsRegion, rdsRegion } from "./rds-region";
import { RdsReplica, type RdsReplicaArgs } from "./rds-replica";
import type { DatabaseArgs } from "./rds-server";
import { type RdsWayArgs, openRdsWay } from "./rds-way";

export interface RdsDatabaseArgs extends DatabaseArgs, RdsWayArgs {
  /** Times that the passwords were changed. */
  readonly rotation: number;
}

/**
 * The database `sark` on Amazon RDS: a primary, the replicas that follow it, and, where the settings ask for one, a
 * replica in the second region.
 *
 * A recovery (`recovery.generation`) is a server of another name with replicas of its own, made before the one that it
 * replaces is deleted. With `protection` no server is deleted: the update is refused until it is turned off, or until
 * the old servers are unprotected in the state, and then they stay where they are, without the stack.
 *
 * A promotion (`rds.promoted`) makes a replica the server that is written to. The old primary and whatever follows it
 * stay as they are, and are neither written to nor read from: reads go to the promoted server. A promoted replica keeps
 * its class and parameters, and has no replicas of its own. From there a recovery leads on: `rds.snapshot`, one of
 * the promoted server, with the next generation, and without `promoted`.
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
  /** The first replica of the region, or the promoted one; unset without replicas. */
  readonly replica?: Endpoint;
  readonly relay: pulumi.Output<RdsTarget>;
  readonly hidesVerifiers = true;
  readonly ready: pulumi.Resource;
  readonly lifetime: pulumi.Resource;
  readonly recovered: boolean;
  readonly retained: boolean;
  /** Of this generation, as it was made; not what is written to where a replica was promoted. */
  readonly primary: RdsPrimary;
  /** In the primary's region. */
  readonly replicas: readonly RdsReplica[];
  /** In the second region. */
  readonly abroad: RdsReplica | undefined;
  /** What is written to. */
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
    this.recovered = recovery !== undefined || rds.promoted !== undefined;

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
    this.abroad = this.#replicaAbroad(name, generation, master);
    this.writer = this.#writer();

    const { instance } = this.writer;
    this.host = instance.address;
    this.port = pulumi.output(aws.port);
    const read = rds.promoted === undefined ? this.replicas[0] : this.writer;
    if (this.replicas.length > 0 && read) {
      this.replica = { host: read.instance.address, port: this.port };
    }
    this.lifetime = instance;

    const endpoints = { server: this.host, ...(read ? { replica: read.instance.address } : {}) };
    const way = openRdsWay(name, args, endpoints, { parent: this });
    const login: Login = {
      user: adminName(this.database),
      password: randomPassword(`${name}-admin-password`, { parent: this }),
    };
    this.relay = way.relay;
    this.ready = administrator(
      `${name}-administrator`,
      {
        host: way.host,
        port: way.port,
        server: this.host,
        identifier: this.writer.identifier,
        primary: this.primary.identifier,
        generation: presentGeneration(database),
        region: names.region,
        masterSecret: master.secret(this.primary.instance),
        database: this.database,
        majorVersion: database.majorVersion,
      },
      login,
      {
        parent: this,
        dependsOn: [instance, ...way.ready],
        deletedWith: instance,
        replaceWith: [instance],
      },
    );
    this.admin = {
      host: way.host,
      port: way.port,
      ...login,
      // On a loopback address, behind which the relay verifies TLS.
      sslMode: "disable",
      server: this.writer.identifier,
      superuser: false,
    };
    this.registerOutputs({ host: this.host, port: this.port });
  }

  #region(name: string, place: ServedPlace, sources = this.#args.aws.sources): RdsRegion {
    const { platform, aws } = this.#args;
    return rdsRegion(name, { platform, place, sources, port: aws.port }, this);
  }

  #replica(
    name: string,
    args: Omit<RdsReplicaArgs, keyof RdsDatabaseArgs | "monitoring" | "primary">,
  ): RdsReplica {
    const own = { monitoring: this.#monitoring, primary: this.primary };
    return new RdsReplica(name, { ...this.#args, ...own, ...args }, { parent: this });
  }

  #replicaAbroad(name: string, generation: string, master: MasterLogin): RdsReplica | undefined {
    const { aws, database, platform } = this.#args;
    const { second } = platform;
    const identifier = secondRegionReplica(this.primary.identifier, aws);
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
    const writer = promoted === "second-region" ? this.abroad : this.replicas[promoted - 1];
    if (!writer) throw new Error(`there is no replica ${promoted} to promote`);
    return writer;
  }
}

/** What a database on RDS is not, by its settings. */
function limitsOf({ availability, replicas, rds }: RdsSpec): readonly string[] {
  return present(
    availability === "single" &&
      "it has one server: while that restarts or its zone fails, nobody is served",
    replicas > 0 &&
      rds.promoted === undefined &&
      "reads from a replica may be behind: it follows the primary without being waited for",
    rds.promoted !== undefined &&
      "a replica was promoted: what still follows the old primary is no longer read from",
  );
}
