import * as pulumi from "@pulumi/pulumi";
import type { ConnectionPool } from "../../../pool/connection-pool";
import type { DatabaseLayer } from "../../../database-layer/database-layer";
import type { Login } from "../../../connections/database-connection";
import { POOL_NAME, serviceHost } from "../plan/cluster-names";
import { imageOf } from "../plan/images";
import { renderPgbouncerIni } from "../../../pool/plan/pgbouncer-ini";
import type { PoolEntryPlan } from "../../../pool/plan/pool-plan";
import type { Settings } from "../../../settings/plan/settings-schema";
import { STATS_USER, poolDatabases, poolSettings } from "../../../pool/pool-config";
import { randomPassword } from "../../../resources/random-password";
import type { PodsTarget } from "../../../route/open-relay";
import type { Authority } from "../pod-volumes";
import { selector } from "../labels";
import type { KubernetesPlatform } from "../platform/kubernetes-platform";
import { CERTIFICATE_SECRET, poolCertificate } from "./pool-certificates";
import { configFiles, secretFiles } from "./pool-files";
import { poolIni, poolVersion } from "./pool-ini";
import { createPool } from "./pool-objects";
import { POOL_PATHS, POOL_PORT } from "./pool-paths";
import { poolPod } from "./pool-pod";
import { drainTime } from "./pool-sizing";

export interface KubernetesPgBouncerArgs {
  readonly platform: KubernetesPlatform;
  readonly databases: readonly DatabaseLayer[];
  readonly settings: Settings["pool"];
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
    const images = {
      pool: imageOf(platform.settings, "pool"),
      exporter: imageOf(platform.settings, "exporter"),
    };
    this.entries = databases.flatMap(({ server }) => server.plan.entries);
    const password = randomPassword(`${name}-stats-password`, { parent: this });
    this.statsLogin = { user: STATS_USER, password };

    const place = { namespace, opts: inside };
    const configMap = configFiles(name, this.#ini(args, poolVersion(images.pool)), place);
    const logins = databases.map((database) => database.logins.pgbouncer);
    const secret = secretFiles(name, { servers: logins, stats: this.statsLogin }, place);
    const certificate = poolCertificate(name, namespace, inside);

    const pod = poolPod({
      settings,
      entries: this.entries,
      images,
      authorities: Object.fromEntries(
        databases.map(({ server }) => [server.database, platform.authorityOf(server)]),
      ),
      configMap,
      secret,
    });
    createPool(
      name,
      {
        namespace,
        instances: settings.instances,
        drain: drainTime(this.entries),
        pod,
        monitored: platform.settings.monitoring.enabled,
        // Clients are let in once there is something to log in to; without the certificates no pod could start.
        needed: [platform, ...databases, certificate],
      },
      inside,
    );

    this.host = pulumi.output(serviceHost(POOL_NAME, namespace));
    this.port = pulumi.output(POOL_PORT);
    this.running = pulumi.output(true);
    this.relay = relayOf(platform);
    this.registerOutputs({ host: this.host, port: this.port, authority: this.authority });
  }

  #ini({ databases, settings }: KubernetesPgBouncerArgs, version: string): pulumi.Output<string> {
    return pulumi.all(poolDatabases(databases)).apply((entries) => {
      const config = poolIni(version, entries, poolSettings(settings, databases), POOL_PATHS);
      return renderPgbouncerIni(config).text;
    });
  }
}

function relayOf({ settings, namespace }: KubernetesPlatform): PodsTarget {
  return {
    route: { kind: settings.route },
    context: settings.kubernetes.context,
    namespace,
    labels: selector("pgbouncer", POOL_NAME),
    port: POOL_PORT,
    server: serviceHost(POOL_NAME, namespace),
    authority: CERTIFICATE_SECRET,
  };
}
