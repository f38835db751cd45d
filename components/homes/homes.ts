import * as pulumi from "@pulumi/pulumi";
import type { Archive } from "./aws/backups/archive";
import type { AwsHome } from "./aws/aws-home";
import type { MakeGateway } from "./aws/database/rds-way";
import type { ConnectionPool } from "../pool/connection-pool";
import type { DatabaseServer } from "./database-server";
import type { DatabaseLayer } from "../database-layer/database-layer";
import { archiveProblems } from "./kubernetes/database/archive-check";
import { CnpgDatabase } from "./kubernetes/database/cnpg-database";
import { DatabaseGateway } from "./kubernetes/gateway/database-gateway";
import { LoginSecrets } from "./kubernetes/login-secrets";
import { MaintenanceJobs } from "./kubernetes/maintenance/maintenance-jobs";
import { KubernetesPlatform } from "./kubernetes/platform/kubernetes-platform";
import { KubernetesPgBouncer } from "./kubernetes/pool/kubernetes-pgbouncer";
import { requestOf } from "./plan/registry";
import { type ClusterStack, clusterStack } from "./kubernetes/plan/cluster-stack";
import { relayPorts } from "../route/plan/relay-port-plan";
import type { DatabaseName } from "../roles/plan/role-plan";
import { databaseSettings } from "../settings/plan/database-settings";
import { ExternalTimescale } from "./local/external-timescale";
import { folderProblems } from "./local/stack-folder";
import { LocalPgBouncer } from "./local/local-pgbouncer";
import { LocalPostgres } from "./local/local-postgres";
import { LocalTimescale } from "./local/local-timescale";
import type { LoopbackPort } from "../route/loopback-port";
import { holdRelayPorts } from "../route/relay-ports";
import { type StackSettings, refuseProblems } from "../settings/settings";

/** Set by the command that has the providers look at what there is. */
const REFRESH = "SARK_REFRESH";

type Ports = ReadonlyMap<DatabaseName, LoopbackPort>;

/** The homes that a stack's settings name, and what the parts of one home share. */
export class Homes {
  readonly #settings: StackSettings;
  /** Where the program reaches the databases that are not on this machine. */
  readonly #ports: Ports;
  /** What the stack has on Kubernetes. */
  readonly #cluster: ClusterStack;
  /** Unset where nothing runs on Kubernetes. */
  readonly #kubernetes: KubernetesPlatform | undefined;
  /** Unset where nothing is made on AWS. */
  readonly #aws: AwsHome | undefined;
  /** Storage for backups, where the stack makes it. */
  #archive: Archive | undefined;

  /**
   * Looks up what the homes were given, before anything is made.
   * @throws SettingsError for a folder whose name local servers misread, what no database may be in, a port that is taken, and a bucket that another cluster archives to
   */
  static async open(settings: StackSettings): Promise<Homes> {
    const local = [settings.sark, settings.audit].some(({ home }) => home === "local");
    refuseProblems(local ? folderProblems() : []);
    const { ports, problems } = await holdRelayPorts(relayPorts(settings), {
      plan: pulumi.runtime.isDryRun(),
      refresh: process.env[REFRESH] === "true",
    });
    const cluster = clusterStack(settings, requestOf(settings, "kubernetes"));
    refuseProblems([...problems, ...(await archiveProblems(cluster, settings.backupKeys))]);
    if (!settings.aws) return new Homes(settings, ports, cluster, undefined);
    // The SDK for AWS takes a tenth of a second to load.
    const { AwsHome } = await import("./aws/aws-home.js");
    return new Homes(settings, ports, cluster, await AwsHome.open(settings));
  }

  private constructor(
    settings: StackSettings,
    ports: Ports,
    cluster: ClusterStack,
    aws: AwsHome | undefined,
  ) {
    this.#settings = settings;
    this.#ports = ports;
    this.#aws = aws;
    this.#cluster = cluster;
    const { servers } = settings;
    this.#kubernetes =
      cluster.served.length === 0
        ? undefined
        : new KubernetesPlatform("kubernetes", { stack: cluster, servers });
  }

  /** Builds the storage of the backups and what copies them, where the settings leave that to the stack. */
  backups(): void {
    this.#archive = this.#aws?.backups().archive;
  }

  /** Builds a database's server in its home. */
  server(database: DatabaseName): DatabaseServer {
    const { home, tunnel } = databaseSettings(this.#settings, database);
    const name = database.replace("_", "-");
    switch (home) {
      case "aws":
        return this.#amazon().server(name, this.#gateway(), this.#port(database));
      case "kubernetes":
        return this.#cnpg(name, database);
      case "local":
        return through(
          tunnel,
          database === "sark"
            ? localPostgres(name, this.#settings)
            : localTimescale(name, this.#settings),
        );
    }
  }

  /** Builds PgBouncer beside the databases; undefined where the settings turn it off. */
  pool(databases: readonly DatabaseLayer[]): ConnectionPool | undefined {
    const { pool, local } = this.#settings;
    if (!pool.enabled) return undefined;
    return this.#kubernetes
      ? new KubernetesPgBouncer("pool", { platform: this.#kubernetes, databases, settings: pool })
      : new LocalPgBouncer("pool", { databases, settings: pool, port: local.ports.pool });
  }

  /** Hands the application its logins: in Secrets Manager, and to its pods in their own namespace. */
  logins(
    databases: readonly DatabaseLayer[],
    pool: ConnectionPool | undefined,
  ): readonly pulumi.Resource[] {
    const store = this.#aws?.logins(databases, pool);
    const { loginSecrets, clients: namespace } = this.#settings.kubernetes;
    const platform = loginSecrets ? this.#kubernetes : undefined;
    return [
      ...(store ? [store] : []),
      ...(platform ? [new LoginSecrets("logins", { platform, databases, pool, namespace })] : []),
    ];
  }

  /** Builds the jobs that keep the databases in order, where nothing else does. */
  maintenance(databases: readonly DatabaseLayer[]): MaintenanceJobs | undefined {
    if (!this.#kubernetes || !this.#settings.maintenance.enabled) return undefined;
    const { served, dumps: store } = this.#cluster;
    const [platform, keys] = [this.#kubernetes, this.#settings.backupKeys];
    return new MaintenanceJobs("maintenance", { platform, databases, served, store, keys });
  }

  /** Builds what watches over the databases from outside of Kubernetes. */
  monitoring(): void {
    this.#aws?.monitoring();
  }

  #cnpg(name: string, database: DatabaseName): DatabaseServer {
    const { clusters, backups } = this.#cluster;
    const cluster = clusters.find((each) => each.database === database);
    if (!cluster) throw new Error(`${database} does not live on Kubernetes`);
    const { servers, backupKeys: keys } = this.#settings;
    return new CnpgDatabase(name, {
      platform: this.#platform(),
      cluster,
      plan: servers[database],
      backups,
      keys,
      listen: this.#port(database),
      ...(this.#archive ? { storage: this.#archive } : {}),
    });
  }

  #gateway(): MakeGateway | undefined {
    const platform = this.#kubernetes;
    const { gateway, outside } = this.#cluster;
    if (!platform || !gateway || !outside) return undefined;
    const args = { platform, image: gateway.image, port: outside.port };
    return (name, servers, opts) => new DatabaseGateway(name, { ...args, ...servers }, opts);
  }

  #port(database: DatabaseName): LoopbackPort {
    const port = this.#ports.get(database);
    if (!port) throw new Error(`no relay leads to ${database}`);
    return port;
  }

  #amazon(): AwsHome {
    if (!this.#aws) throw new Error("nothing of this stack is made on AWS");
    return this.#aws;
  }

  #platform(): KubernetesPlatform {
    if (!this.#kubernetes) throw new Error("no database of this stack lives on Kubernetes");
    return this.#kubernetes;
  }
}

function localPostgres(name: string, settings: StackSettings): DatabaseServer {
  const { sark, servers, local, protection } = settings;
  return new LocalPostgres(name, {
    plan: servers.sark,
    majorVersion: sark.majorVersion,
    port: local.ports.sark,
    ...(sark.replicas > 0 ? { replicaPort: local.ports.sarkReplica } : {}),
    protect: protection,
  });
}

function localTimescale(name: string, settings: StackSettings): DatabaseServer {
  const { audit, auditPassword, servers, local, protection } = settings;
  const plan = servers.sark_audit;
  if (audit.external && auditPassword) {
    return new ExternalTimescale(name, { ...audit.external, plan, password: auditPassword });
  }
  return new LocalTimescale(name, { plan, port: local.ports.audit, protect: protection });
}

/** The same server, reached for administration through a tunnel that somebody else keeps open. */
function through(
  tunnel: { readonly host: string; readonly port: number } | undefined,
  server: DatabaseServer,
): DatabaseServer {
  if (!tunnel) return server;
  const { host, port } = tunnel;
  const admin = { ...server.admin, host: pulumi.output(host), port: pulumi.output(port) };
  return { ...server, admin };
}
