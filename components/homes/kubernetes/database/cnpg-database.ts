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
import { compact } from "../../../text/present";
import { customResource } from "../custom-resource";
import { fingerprint } from "../../../text/fingerprint";
import { metadata } from "../labels";
import type { KubernetesPlatform } from "../platform/kubernetes-platform";
import {
  type ArchiveKeys,
  keysSecret,
  objectStore,
  scheduledBackup,
  scheduledSnapshots,
} from "./cluster-backups";
import { DynamicResource } from "../../../resources/dynamic-resource";
import type { ClusterHealthInputs } from "../health/provider-cluster-health";
import { limitsOf } from "../plan/cluster-limits";
import { clusterObject } from "./cluster-spec";
import { metricsConfigMap, podMonitor } from "../monitoring/cluster-metrics";
import type { OuterNeed } from "../../../objectives/plan/objective";

export interface CnpgDatabaseArgs {
  readonly platform: KubernetesPlatform;
  readonly cluster: ClusteredDatabase;
  /** Plan of each of its servers. */
  readonly plan: ServerPlan;
  readonly backups: Backups;
  /** Keys of the backup storage. @default - a role grants access */
  readonly keys?: ArchiveKeys | undefined;
  /** Loopback port at which the program reaches it. */
  readonly listen: LoopbackPort;
  /** The backup storage, if the stack creates that too; servers write to it from the start. */
  readonly storage?: pulumi.Resource;
}

const PORT = 5432;

/**
 * Deletion timeout. The operator stops a server within 10 minutes, and a foreground deletion waits for all servers and
 * volumes.
 */
const DELETE_TIMEOUT = "30m";

/**
 * A database on CloudNativePG: a cluster of servers, with backups and monitoring.
 *
 * A recovery (`recovery.generation`) creates a cluster under a new name before the old one is deleted. With
 * `kubernetes.retain`, the cluster and the objects it depends on stay. With `protection` neither is deleted nor
 * replaced, so a recovery begins with turning protection off.
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
  readonly exports: readonly OuterNeed[];
  readonly servers: string;
  readonly plan: ServerPlan;
  /** Service of all stand-bys; unset with a single server. */
  readonly replica?: Endpoint;
  readonly relay: DatabaseTarget;
  readonly ready: pulumi.Resource;
  readonly dataResource: pulumi.Resource;
  readonly restoredFromBackup: boolean;
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
    const scheduled = (kind: string) => own.jobs.some(({ work }) => work.kind === kind);
    this.exports = compact<OuterNeed>(
      args.backups.bucket && "backups",
      scheduled("restore drill") && "drills",
      scheduled("dump") && "dumps",
      "volumes",
    );
    this.servers = names.servers;
    this.retained = platform.retain;
    this.restoredFromBackup = own.recovery !== undefined;
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
      ...this.#metricQueries(name),
      ...(storage ? [storage] : []),
    ];
    const cluster = this.#cluster(name, needed);
    // Pulumi recreates dependants together with the cluster they are `deletedWith`; a recovered
    // cluster already contains them.
    this.dataResource = this.restoredFromBackup ? platform.namespaceResource : cluster;
    this.ready = this.#health(name, cluster);
    this.#backupsAndMonitoring(name, this.ready);
    this.relay = this.#relayTarget();
    this.admin = {
      // A loopback port; the relay behind it verifies TLS against the cluster's own CA.
      ...openRelay({ listen, target: this.relay }),
      user: adminName(database),
      password,
      sslMode: "disable",
      serverIdentity: serviceHost(names.primary, namespace),
      superuser: false,
    };
    this.registerOutputs({ host: this.host, port: this.port });
  }

  /** Options of objects that a cluster depends on: they outlive the stack if the cluster does. */
  get #retainedOptions(): pulumi.CustomResourceOptions {
    const { platform } = this.#args;
    return { ...platform.resourceOptions(this), retainOnDelete: platform.retain };
  }

  /** The administrator's login; the operator sets this password in the database, also after a change. */
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
      this.#retainedOptions,
    );
  }

  /** The backup ObjectStore and, without a role, the Secret with its keys. */
  #archive(name: string): readonly pulumi.Resource[] {
    const { platform, backups, keys } = this.#args;
    const { namespace, protection } = platform;
    const { bucket } = backups;
    if (!bucket) return [];
    const secret = bucket.access === "keys" && keys && keysSecret(this.database, keys, namespace);
    return compact<pulumi.Resource>(
      secret &&
        new kubernetes.core.v1.Secret(`${name}-archive-keys`, secret, this.#retainedOptions),
      customResource(`${name}-archive`, objectStore(this.database, backups, bucket, namespace), {
        ...this.#retainedOptions,
        protect: protection,
      }),
    );
  }

  /** The queries of the exporter in each server. */
  #metricQueries(name: string): readonly pulumi.Resource[] {
    const { platform, cluster } = this.#args;
    const { namespace, monitoring } = platform;
    if (!monitoring) return [];
    const configMap = metricsConfigMap(cluster, namespace, this.extensions);
    const options = this.#retainedOptions;
    return [new kubernetes.core.v1.ConfigMap(`${name}-metric-queries`, configMap, options)];
  }

  /**
   * The Cluster object, with no `ignoreChanges`. Fields added by the operator are not compared. An ignored `bootstrap`
   * would also be the old one for a recovered cluster.
   */
  #cluster(name: string, needed: readonly pulumi.Resource[]): pulumi.Resource {
    const { platform } = this.#args;
    return customResource(`${name}-cluster`, this.#clusterObject, {
      ...this.#retainedOptions,
      dependsOn: [platform, ...needed],
      protect: platform.protection,
      customTimeouts: { delete: DELETE_TIMEOUT },
    });
  }

  get #clusterObject() {
    const { platform, cluster, plan, backups } = this.#args;
    return clusterObject(cluster, plan, backups.bucket, platform);
  }

  /**
   * Waits until the operator reports a new or changed cluster healthy. It creates nothing, so deleting it does nothing.
   */
  #health(name: string, cluster: pulumi.Resource): pulumi.Resource {
    const { platform, cluster: own } = this.#args;
    const inputs = {
      context: platform.context,
      namespace: platform.namespace,
      cluster: clusterNames(own).cluster,
      instances: own.instances,
      spec: fingerprint(this.#clusterObject.spec),
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

  /** Objects around the cluster: base backups, which fail for good if it takes no connections yet, and monitoring. */
  #backupsAndMonitoring(name: string, healthy: pulumi.Resource): void {
    const { platform, cluster, backups } = this.#args;
    const { namespace, monitoring, snapshots } = platform;
    const after = { ...this.#retainedOptions, dependsOn: [platform, healthy] };
    if (backups.bucket) {
      customResource(`${name}-backups`, scheduledBackup(cluster, backups, namespace), after);
    }
    if (snapshots) {
      const taken = scheduledSnapshots(cluster, snapshots, namespace);
      customResource(`${name}-snapshots`, taken, after);
    }
    if (monitoring) {
      const monitor = podMonitor(cluster, namespace, pulumi.getStack());
      customResource(`${name}-metrics`, monitor, this.#retainedOptions);
    }
  }

  #relayTarget(): DatabaseTarget {
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
