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
import type { Authority } from "../pod-volumes";
import { customResource } from "../custom-resource";
import { metadata as metadataOf, selector } from "../labels";
import type { KubernetesPlatform } from "../platform/kubernetes-platform";
import { CERTIFICATE_SECRET, poolCertificate } from "./pool-certificates";
import { configFiles, secretFiles } from "./pool-files";
import { poolIni, poolVersion } from "./pool-ini";
import { POOL_PATHS, POOL_PORT } from "./pool-paths";
import { poolPod } from "./pool-pod";
import { type Drain, drainTime } from "./pool-sizing";

export interface KubernetesPgBouncerArgs {
  readonly platform: KubernetesPlatform;
  readonly databases: readonly DatabaseLayer[];
  readonly settings: Pool;
}

/**
 * PgBouncer on Kubernetes, before the databases of every home. Both of its sides speak verified TLS.
 *
 * A change of its configuration, or of a login that it uses itself, replaces the instances one after another; each lets
 * its running transactions end, and clients whose connection is idle connect again to another. A rotation of the
 * application's passwords or of certificates replaces nothing.
 */
export class KubernetesPgBouncer extends pulumi.ComponentResource implements ConnectionPool {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly running: pulumi.Output<boolean>;
  readonly statsLogin: Login;
  readonly entries: readonly PoolEntryPlan[];
  readonly relay: PodsTarget;
  /** What clients verify the pool's certificate with; in the stack's namespace, beside the certificate's key. */
  readonly authority: Authority = { secret: CERTIFICATE_SECRET, key: "ca.crt" };

  constructor(name: string, args: KubernetesPgBouncerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:kubernetes:KubernetesPgBouncer", name, {}, opts);
    const { platform, databases, settings } = args;
    const { namespace } = platform;
    const inside = platform.inside(this);
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
        databases.map(({ server }) => [server.database, platform.authorityOf(server)]),
      ),
      configMap,
      secret,
    });
    // Clients are let in once there is something to log in to; without the certificates no pod could start.
    const needed = [platform, ...databases, certificate];
    createPool(name, platform, settings.instances, pod, drainTime(this.entries), needed, inside);

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
 * The pods with what leads clients to them, and what watches them.
 * @param needed what has to be there before clients are let in
 */
function createPool(
  name: string,
  { monitoring, namespace }: KubernetesPlatform,
  instances: number,
  pod: kubernetes.types.input.core.v1.PodTemplateSpec,
  drain: Drain,
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
        // The connection budget counts on it: an instance is asked to end before its successor starts. Only one at a
        // time still holds what it was given, and the budget counts one more for that.
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
        // In which every node learns of the new instance, before the next old one goes.
        minReadySeconds: 10,
        // The successor may have to wait for the node until its predecessor is gone.
        progressDeadlineSeconds: drain.grace + 300,
        // The files of earlier revisions are gone, so there is nothing to go back to but the stack itself.
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
    // Pulumi waits for a service to find pods, and these wait for the databases first.
    { ...opts, dependsOn: [deployment] },
  );
  new kubernetes.policy.v1.PodDisruptionBudget(
    `${name}-disruption-budget`,
    {
      metadata,
      spec: {
        maxUnavailable: 1,
        // An instance that takes no clients serves nobody, so it must not hold up the node that it is on.
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
      podMetricsEndpoints: [{ port: "metrics", interval: "30s", scrapeTimeout: "10s" }],
    },
  });
  customResource(`${name}-monitor`, monitor, opts);
}

/** Instances are replaced one after another, and each may take all of its grace. */
function rolloutTime(instances: number, { grace }: Drain): pulumi.CustomTimeouts {
  const minutes = Math.max(10, Math.ceil((instances * (grace + 120)) / 60));
  return { create: "10m", update: `${minutes}m`, delete: `${minutes}m` };
}
