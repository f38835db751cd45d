import * as pulumi from "@pulumi/pulumi";
import type { ConnectionPool } from "../pool/connection-pool";
import type { DatabaseLayer } from "../database-layer/database-layer";
import { DATABASES, type DatabaseName } from "../roles/plan/role-plan";
import { monitoredStack } from "../objectives/monitored-stack";
import type { LoopbackPort } from "../route/loopback-port";
import { relayPorts } from "../route/plan/relay-port-plan";
import { openRelayPorts } from "../route/relay-ports";
import { databaseSettings } from "../settings/plan/database-settings";
import { rejectProblems } from "../settings/settings";
import type { StackSettings } from "../settings/stack-settings";
import type { DatabaseServer } from "./database-server";
import type { HomeModule, OpenHome, PrometheusServer } from "./open-home";
import { requireHome, homeOf, poolSpec, homeRequests } from "./plan/registry";

/** Loads the module that makes a home's resources, from the home's directory. */
async function load(name: string): Promise<HomeModule> {
  const { home } = (await import(`./${name}/open-${name}.ts`)) as { home: HomeModule };
  return home;
}

/** Environment variable, set by commands that refresh the state. */
const REFRESH = "SARK_REFRESH";

/** The homes that a stack uses, opened, with the relay ports and the backup storage that they share. */
export class Homes {
  readonly #settings: StackSettings;
  /** Loopback ports on which the program reaches databases outside of this machine. */
  readonly #ports: ReadonlyMap<DatabaseName, LoopbackPort>;
  readonly #open: ReadonlyMap<string, OpenHome>;
  /** Backup storage, if the stack makes it. */
  #storage: pulumi.Resource | undefined;

  /**
   * Checks the settings against each platform, then opens the homes. Nothing is made before the checks pass.
   * @throws SettingsError for a checkout path that local servers misread, a network that no database may be in, a port
   *   in use, and a bucket that another cluster archives to
   */
  static async open(settings: StackSettings): Promise<Homes> {
    const modules = await Promise.all(
      homeRequests(settings)
        .filter(({ home, request }) => home.isUsed(settings, request))
        .map(async ({ name, request }) => ({ name, request, module: await load(name) })),
    );
    const { ports, problems } = await openRelayPorts(relayPorts(settings), {
      plan: pulumi.runtime.isDryRun(),
      refresh: process.env[REFRESH] === "true",
    });
    const found = await Promise.all(
      modules.map(async ({ module, request }) => (await module.check?.(settings, request)) ?? []),
    );
    rejectProblems([...problems, ...found.flat()]);
    const open = new Map<string, OpenHome>();
    for (const { name, module, request } of modules) {
      open.set(name, await module.open(settings, request));
    }
    return new Homes(settings, ports, open);
  }

  private constructor(
    settings: StackSettings,
    ports: ReadonlyMap<DatabaseName, LoopbackPort>,
    open: ReadonlyMap<string, OpenHome>,
  ) {
    this.#settings = settings;
    this.#ports = ports;
    this.#open = open;
  }

  /** Builds the backup storage and the copying of backups, where the settings leave that to the stack. */
  backups(): void {
    for (const home of this.#open.values()) {
      const made = home.backups?.();
      this.#storage ??= made;
    }
  }

  /** Builds a database's server in its home. */
  server(database: DatabaseName): DatabaseServer {
    const { home, tunnel } = databaseSettings(this.#settings, database);
    const server = this.#at(home).server(database.replace("_", "-"), database, {
      listen: this.#ports.get(database),
      storage: this.#storage,
      makeGateway: this.#open.get(requireHome(home).workloads)?.makeGateway,
    });
    if (!tunnel || server.relay) return server;
    // The administrator connects through a tunnel that the user keeps open.
    const { host, port } = tunnel;
    const admin = { ...server.admin, host: pulumi.output(host), port: pulumi.output(port) };
    return { ...server, admin };
  }

  /** Builds PgBouncer beside the databases; undefined where the settings turn it off. */
  pool(databases: readonly DatabaseLayer[]): ConnectionPool | undefined {
    return this.#settings.pool.enabled
      ? this.#at(poolSpec(this.#settings).home).pool?.(databases)
      : undefined;
  }

  /** Publishes the logins where the application reads them. */
  logins(
    databases: readonly DatabaseLayer[],
    pool: ConnectionPool | undefined,
  ): readonly pulumi.Resource[] {
    return [...this.#open.values()].flatMap((home) => home.logins?.(databases, pool) ?? []);
  }

  /** Builds the maintenance jobs, in homes that run them. */
  maintenance(databases: readonly DatabaseLayer[]): void {
    if (!this.#settings.maintenance.enabled) return;
    const homes = new Set(DATABASES.map((each) => homeOf(this.#settings, each).workloads));
    for (const home of homes) this.#open.get(home)?.maintenance?.(databases);
  }

  /** Builds the monitoring of the servers and the pool. @returns Prometheus, if the stack runs it itself */
  monitoring(
    databases: readonly DatabaseLayer[],
    pool: ConnectionPool | undefined,
  ): PrometheusServer | undefined {
    if (!this.#settings.monitoring.enabled) return undefined;
    const stack = monitoredStack(this.#settings, databases, pool);
    const homes = [...this.#open.values()];
    for (const home of homes) home.monitoring?.(stack);
    return homes.map((home) => home.prometheus?.()).find((each) => each !== undefined);
  }

  #at(home: string): OpenHome {
    const open = this.#open.get(home);
    if (!open) throw new Error(`the stack does not use the home ${home}`);
    return open;
  }
}
