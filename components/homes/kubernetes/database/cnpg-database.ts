import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AdminConnection, DatabaseServer, Endpoint } from "../../database-server";
import { clusterNames, serviceHost } from "../plan/cluster-names";
import { type DatabaseName, adminName, rolePlan } from "../../../roles/plan/role-plan";
import type { ServerPlan } from "../../plan/server-plan";
import type { Backups, ClusteredDatabase } from "../plan/cluster-stack";
import { randomPassword } from "../../../resources/random-password";
import { type DatabaseTarget, openRelay } from "../../../route/open-relay";
import type { LoopbackPort } from "../../../route/loopback-port";
import { present } from "../../../text/present";
import { customResource } from "../custom-resource";
import { fingerprint } from "../../../text/fingerprint";
import { metadata } from "../labels";
import type { KubernetesPlatform } from "../platform/kubernetes-platform";
import { type ArchiveKeys, keysSecret, objectStore, scheduledBackup } from "./cluster-backups";
import { DynamicResource } from "../../../resources/dynamic-resource";
import type { ClusterHealthInputs } from "../health/provider-cluster-health";
import { clusterOf } from "./cluster-spec";
import { podMonitor } from "./monitoring";

export interface CnpgDatabaseArgs {
  readonly platform: KubernetesPlatform;
  readonly cluster: ClusteredDatabase;
  /** What was computed for each of its servers. */
  readonly plan: ServerPlan;
  readonly backups: Backups;
  /** Keys of their storage. @default - a role opens it */
  readonly keys?: ArchiveKeys | undefined;
  /** Where the program reaches it. */
  readonly listen: LoopbackPort;
  /** The storage of its backups, where the stack makes that too: the servers write to it from the start. */
  readonly storage?: pulumi.Resource;
}

const PORT = 5432;

/** The operator ends a server within ten minutes, and the foreground deletion waits for all of them and their volumes. */
const DELETION = "30m";

/**
 * A database on CloudNativePG: a cluster of servers with its backups and its monitoring.
 *
 * A recovery (`recovery.generation`) is a cluster of another name, made before the one it replaces is deleted. Where
 * `kubernetes.retain` is on, what a cluster lives on stays behind with it; with `protection` neither is deleted nor
 * replaced, so a recovery then begins with turning that off.
 */
export class CnpgDatabase extends pulumi.ComponentResource implements DatabaseServer {
  readonly home = "kubernetes";
  readonly sslMode = "verify-full";
  readonly engine: "postgresql" | "timescaledb";
  readonly database: DatabaseName;
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly service: string;
  readonly admin: AdminConnection;
  readonly maxConnections: number;
  readonly extensions: readonly string[];
  readonly limits: readonly string[];
  readonly plan: ServerPlan;
  /** Service of all stand-bys; unset for one server. */
  readonly replica?: Endpoint;
  readonly relay: DatabaseTarget;
  readonly ready: pulumi.Resource;
  readonly lifetime: pulumi.Resource;
  readonly recovered: boolean;
  readonly retained: boolean;

  readonly #args: CnpgDatabaseArgs;

  constructor(name: string, args: CnpgDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:kubernetes:CnpgDatabase", name, {}, opts);
    const { platform, cluster: own, plan, listen, storage } = args;
    const { database } = own;
    const { namespace } = platform;
    const names = clusterNames(own);
    this.#args = args;
    this.database = database;
    this.engine = database === "sark" ? "postgresql" : "timescaledb";
    this.plan = plan;
    this.maxConnections = plan.maxConnections;
    this.extensions = rolePlan(database, 1).extensions;
    this.limits = limitsOf(own, args.backups);
    this.retained = platform.retain;
    this.recovered = own.recovery !== undefined;
    this.host = pulumi.output(serviceHost(names.primary, namespace));
    this.port = pulumi.output(PORT);
    this.service = names.primary;
    if (own.instances > 1) {
      this.replica = {
        host: pulumi.output(serviceHost(names.replicas, namespace)),
        port: this.port,
        service: names.replicas,
      };
    }

    const password = randomPassword(`${name}-admin-password`, { parent: this });
    const needed = [
      this.#adminSecret(name, password),
      ...this.#archive(name),
      ...(storage ? [storage] : []),
    ];
    const cluster = this.#cluster(name, needed);
    // To Pulumi, what is deleted with a cluster is also made anew with it, and a recovered one has it already.
    this.lifetime = this.recovered ? platform.home : cluster;
    this.ready = this.#health(name, cluster);
    this.#surroundings(name, this.ready);
    this.relay = this.#target();
    this.admin = {
      // A loopback port, behind which TLS is verified against the cluster's own authority.
      ...openRelay({ listen, target: this.relay }),
      user: adminName(database),
      password,
      sslMode: "disable",
      server: serviceHost(names.primary, namespace),
      superuser: false,
    };
    this.registerOutputs({ host: this.host, port: this.port });
  }

  /** Options of what a cluster lives on: it outlives the stack when the cluster does. */
  get #kept(): pulumi.CustomResourceOptions {
    const { platform } = this.#args;
    return { ...platform.inside(this), retainOnDelete: platform.retain };
  }

  /** The operator sets the administrator's password to this one, now and when it changes. */
  #adminSecret(name: string, password: pulumi.Output<string>): pulumi.Resource {
    const { platform, cluster } = this.#args;
    const own = metadata("database", platform.namespace, clusterNames(cluster).admin);
    return new kubernetes.core.v1.Secret(
      `${name}-admin`,
      {
        metadata: { ...own, labels: { ...own.labels, "cnpg.io/reload": "true" } },
        type: "kubernetes.io/basic-auth",
        stringData: { username: adminName(this.database), password },
      },
      this.#kept,
    );
  }

  /** The storage of the backups and, without a role, the keys that open it. */
  #archive(name: string): readonly pulumi.Resource[] {
    const { platform, backups, keys } = this.#args;
    const { namespace, protection } = platform;
    const { bucket } = backups;
    if (!bucket) return [];
    const secret = bucket.access === "keys" && keys && keysSecret(this.database, keys, namespace);
    return present<pulumi.Resource>(
      secret && new kubernetes.core.v1.Secret(`${name}-archive-keys`, secret, this.#kept),
      customResource(`${name}-archive`, objectStore(this.database, backups, bucket, namespace), {
        ...this.#kept,
        protect: protection,
      }),
    );
  }

  /**
   * No change of it is ignored. What the operator adds is its own and not compared; and a `bootstrap` that were ignored,
   * though nothing comes of a change, would be the old one for a recovered cluster as well.
   */
  #cluster(name: string, needed: readonly pulumi.Resource[]): pulumi.Resource {
    const { platform } = this.#args;
    return customResource(`${name}-cluster`, this.#description, {
      ...this.#kept,
      dependsOn: [platform, ...needed],
      protect: platform.protection,
      customTimeouts: { delete: DELETION },
    });
  }

  get #description() {
    const { platform, cluster, plan, backups } = this.#args;
    return clusterOf(cluster, plan, backups.bucket, platform.namespace);
  }

  /** Waits until the operator calls a new or changed cluster healthy; made of nothing, so that deleting it does nothing. */
  #health(name: string, cluster: pulumi.Resource): pulumi.Resource {
    const { platform, cluster: own } = this.#args;
    const inputs = {
      context: platform.context,
      namespace: platform.namespace,
      cluster: clusterNames(own).cluster,
      instances: own.instances,
      spec: fingerprint(this.#description.spec),
      timeoutMinutes: platform.readyMinutes,
      oldNames: own.recovery?.oldNames,
    } satisfies ClusterHealthInputs;
    return new DynamicResource("kubernetes:ClusterHealth", `${name}-health`, inputs, {
      parent: this,
      dependsOn: [cluster],
      deletedWith: cluster,
      replaceWith: [cluster],
    });
  }

  /** What is there for the cluster: base backups, which fail for good while it takes no connections, and monitoring. */
  #surroundings(name: string, healthy: pulumi.Resource): void {
    const { platform, cluster, backups } = this.#args;
    const { namespace, monitoring } = platform;
    const after = { ...this.#kept, dependsOn: [platform, healthy] };
    if (backups.bucket) {
      customResource(`${name}-backups`, scheduledBackup(cluster, backups, namespace), after);
    }
    if (monitoring) customResource(`${name}-metrics`, podMonitor(cluster, namespace), this.#kept);
  }

  #target(): DatabaseTarget {
    const { platform, cluster: own } = this.#args;
    const { context, namespace, route } = platform;
    const { cluster, primary, authority } = clusterNames(own);
    const { tunnel } = own;
    return {
      route: tunnel ? { kind: "tunnel", ...tunnel } : { kind: route },
      context,
      namespace,
      cluster,
      server: serviceHost(primary, namespace),
      authority,
    };
  }
}

/** What a database on Kubernetes is not, by its settings. */
function limitsOf(
  { synchronous, instances }: ClusteredDatabase,
  { bucket }: Backups,
): readonly string[] {
  return present(
    instances === 1 && "one server: downtime whenever it restarts or moves to another node",
    instances > 1 &&
      synchronous.replicas === 0 &&
      "asynchronous replication: a failover may lose the latest commits",
    synchronous.replicas > 0 &&
      synchronous.durability === "preferred" &&
      "with too few stand-bys, commits go unconfirmed and a failover may lose them",
    bucket === undefined && "no backups: data lost with the volumes cannot be restored",
  );
}
