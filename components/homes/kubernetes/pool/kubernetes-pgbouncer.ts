import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ConnectionPool } from "../../../pool/connection-pool";
import type { DatabaseLayer } from "../../../database-layer/database-layer";
import type { Login } from "../../../connections/database-connection";
import { POOL_NAME, serviceHost } from "../plan/cluster-names";
import { helperImage } from "../plan/images";
import { renderPgbouncerIni } from "../../../pool/plan/pgbouncer-ini";
import type { PoolEntryPlan } from "../../../pool/plan/pool-plan";
import type { Pool } from "../plan/cluster-stack";
import { STATS_USER, poolDatabases, poolSettings } from "../../../pool/pool-config";
import { randomPassword } from "../../../resources/random-password";
import type { PodsTarget } from "../../../route/open-relay";
import type { CaSource } from "../pod-volumes";
import { customResource } from "../custom-resource";
import { metadata as metadataOf, selector } from "../labels";
import { POOL_RELABELINGS } from "../../../objectives/plan/pool-relabelings";
import { seriesLabels } from "../monitoring/series-labels";
import type { KubernetesPlatform } from "../platform/kubernetes-platform";
import { CERTIFICATE_SECRET, poolCertificate } from "./pool-certificates";
import { configFiles, secretFiles } from "./pool-files";
import { poolIni, poolVersion } from "./pool-ini";
import { POOL_PATHS, POOL_PORT } from "./pool-paths";
import { poolPod } from "./pool-pod";
import { type ShutdownTimes, shutdownTimes } from "./pool-sizing";

export interface KubernetesPgBouncerArgs {
  readonly platform: KubernetesPlatform;
  readonly databases: readonly DatabaseLayer[];
  readonly settings: Pool;
}

/**
 * PgBouncer on Kubernetes, in front of the databases of every home. Client and server connections use verified TLS.
 *
 * A change of its configuration or its own logins replaces the instances one after another. Each lets running
 * transactions finish, and clients with an idle connection reconnect to another instance. Rotating application
 * passwords or certificates replaces nothing.
 */
export class KubernetesPgBouncer extends pulumi.ComponentResource implements ConnectionPool {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly running: pulumi.Output<boolean>;
  readonly statsLogin: Login;
  readonly exports = ["certificates"] as const;
  readonly entries: readonly PoolEntryPlan[];
  readonly relay: PodsTarget;
  /** CA of the pool's certificate for clients, in the stack's namespace, in the Secret with the certificate's key. */
  readonly authority: CaSource = { secret: CERTIFICATE_SECRET, key: "ca.crt" };

  constructor(name: string, args: KubernetesPgBouncerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:kubernetes:KubernetesPgBouncer", name, {}, opts);
    const { platform, databases, settings } = args;
    const { namespace } = platform;
    const inside = platform.resourceOptions(this);
    const image = helperImage("pool", settings.image);
    this.entries = databases.flatMap(({ server }) => server.plan.entries);
    const password = randomPassword(`${name}-stats-password`, { parent: this });
    this.statsLogin = { user: STATS_USER, password };

    const ini = pulumi.all(poolDatabases(databases)).apply((entries) => {
      const pgbouncer = poolSettings(settings, databases);
      const config = poolIni(poolVersion(image), entries, pgbouncer, POOL_PATHS);
      return renderPgbouncerIni(config).text;
    });
    const configMap = configFiles(name, namespace, ini, inside);
    const logins = databases.map((database) => database.logins.pgbouncer);
    const secret = secretFiles(name, namespace, logins, this.statsLogin, inside);
    const certificate = poolCertificate(name, namespace, inside);

    const pod = poolPod({
      settings,
      entries: this.entries,
      images: { pool: image, exporter: helperImage("exporter", settings.exporterImage) },
      authorities: Object.fromEntries(
        databases.map(({ server }) => [server.database, platform.caOf(server)]),
      ),
      configMap,
      secret,
    });
    // The pool starts after the databases it forwards to; without the certificate no pod can start.
    const needed = [platform, ...databases, certificate];
    createPool(
      name,
      platform,
      settings.instances,
      pod,
      shutdownTimes(this.entries),
      needed,
      inside,
    );

    this.host = pulumi.output(serviceHost(POOL_NAME, namespace));
    this.port = pulumi.output(POOL_PORT);
    this.running = pulumi.output(true);
    this.relay = relayOf(platform);
    this.registerOutputs({ host: this.host, port: this.port, authority: this.authority });
  }
}

function relayOf({ route, context, namespace }: KubernetesPlatform): PodsTarget {
  return {
    route: { kind: route },
    context,
    namespace,
    labels: selector("pgbouncer", POOL_NAME),
    port: POOL_PORT,
    server: serviceHost(POOL_NAME, namespace),
    authority: CERTIFICATE_SECRET,
  };
}

/**
 * Creates the pods, their Service, disruption budget and monitoring.
 * @param needed resources that must exist before clients are admitted
 */
function createPool(
  name: string,
  { monitoring, namespace }: KubernetesPlatform,
  instances: number,
  pod: kubernetes.types.input.core.v1.PodTemplateSpec,
  drain: ShutdownTimes,
  needed: readonly pulumi.Resource[],
  opts: pulumi.CustomResourceOptions,
): void {
  const metadata = metadataOf("pgbouncer", namespace, POOL_NAME);
  const pods = selector("pgbouncer", POOL_NAME);
  const account = new kubernetes.core.v1.ServiceAccount(
    `${name}-account`,
    { metadata, automountServiceAccountToken: false },
    opts,
  );
  const deployment = new kubernetes.apps.v1.Deployment(
    `${name}-deployment`,
    {
      metadata,
      spec: {
        replicas: instances,
        selector: { matchLabels: pods },
        // The connection budget relies on this: an instance is told to stop before its successor starts. Only one at a
        // time still holds its connections, and the budget counts one extra instance for that.
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
        // Time for every node to learn of the new instance, before the next old one stops.
        minReadySeconds: 10,
        // The successor may have to wait until its predecessor frees the node.
        progressDeadlineSeconds: drain.grace + 300,
        // Earlier revisions cannot run, since their files are deleted; a rollback is a change of the stack.
        revisionHistoryLimit: 1,
        template: pod,
      },
    },
    { ...opts, dependsOn: [...needed, account], customTimeouts: rolloutTime(instances, drain) },
  );
  new kubernetes.core.v1.Service(
    `${name}-service`,
    {
      metadata,
      spec: {
        type: "ClusterIP",
        selector: pods,
        ports: [{ name: "pgbouncer", port: POOL_PORT, targetPort: POOL_PORT, protocol: "TCP" }],
      },
    },
    // Pulumi waits until a Service has pods, and these wait for the databases.
    { ...opts, dependsOn: [deployment] },
  );
  new kubernetes.policy.v1.PodDisruptionBudget(
    `${name}-disruption-budget`,
    {
      metadata,
      spec: {
        maxUnavailable: 1,
        // An unready instance serves nobody, so it must not block a node drain.
        unhealthyPodEvictionPolicy: "AlwaysAllow",
        selector: { matchLabels: pods },
      },
    },
    opts,
  );
  if (!monitoring) return;
  const monitor = new PodMonitor({
    metadata,
    spec: {
      selector: { matchLabels: pods },
      podMetricsEndpoints: [
        {
          port: "metrics",
          interval: "30s",
          scrapeTimeout: "10s",
          relabelings: seriesLabels(pulumi.getStack(), "pool"),
          metricRelabelings: POOL_RELABELINGS.map((each) => ({ ...each })),
        },
      ],
    },
  });
  customResource(`${name}-monitor`, monitor, opts);
}

/** Rollout timeouts: instances are replaced one after another, and each may use its whole grace period. */
function rolloutTime(instances: number, { grace }: ShutdownTimes): pulumi.CustomTimeouts {
  const minutes = Math.max(10, Math.ceil((instances * (grace + 120)) / 60));
  return { create: "10m", update: `${minutes}m`, delete: `${minutes}m` };
}
