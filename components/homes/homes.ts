import * as pulumi from "@pulumi/pulumi";
import type { ConnectionPool } from "../pool/connection-pool";
import type { DatabaseLayer } from "../database-layer/database-layer";
import { DATABASES, type DatabaseName } from "../roles/plan/role-plan";
import type { LoopbackPort } from "../route/loopback-port";
import { relayPorts } from "../route/plan/relay-port-plan";
import { holdRelayPorts } from "../route/relay-ports";
import { databaseSettings } from "../settings/plan/database-settings";
import { refuseProblems } from "../settings/settings";
import type { StackSettings } from "../settings/stack-settings";
import type { DatabaseServer } from "./database-server";
import type { HomeModule, OpenHome } from "./open-home";
import { homeCalled, homeOf, poolRuns, requests } from "./plan/registry";

/** What makes the resources of a home, from its directory: loaded for a stack that uses it. */
async function load(name: string): Promise<HomeModule> {
  const { home } = (await import(`./${name}/open-${name}.ts`)) as { home: HomeModule };
  return home;
}

/** Set by the command that has the providers look at what there is. */
const REFRESH = "SARK_REFRESH";

/** The homes that a stack's settings name, and what the parts of one home share. */
export class Homes {
  readonly #settings: StackSettings;
  /** Where the program reaches the databases that are not on this machine. */
  readonly #ports: ReadonlyMap<DatabaseName, LoopbackPort>;
  readonly #open: ReadonlyMap<string, OpenHome>;
  /** Storage for backups, where the stack makes it. */
  #storage: pulumi.Resource | undefined;

  /**
   * Looks up what the homes were given, before anything is made.
   * @throws SettingsError for a folder whose name local servers misread, what no database may be in, a port that is taken, and a bucket that another cluster archives to
   */
  static async open(settings: StackSettings): Promise<Homes> {
    const modules = await Promise.all(
      requests(settings)
        .filter(({ home, request }) => home.isUsed(settings, request))
        .map(async ({ name, request }) => ({ name, request, module: await load(name) })),
    );
    const { ports, problems } = await holdRelayPorts(relayPorts(settings), {
      plan: pulumi.runtime.isDryRun(),
      refresh: process.env[REFRESH] === "true",
    });
    const found = await Promise.all(
      modules.map(async ({ module, request }) => (await module.check?.(settings, request)) ?? []),
    );
    refuseProblems([...problems, ...found.flat()]);
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

  /** Builds the storage of the backups and what copies them, where the settings leave that to the stack. */
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
      makeGateway: this.#open.get(homeCalled(home).workloads)?.makeGateway,
    });
    if (!tunnel || server.relay) return server;
    // The same server, reached for administration through a tunnel that somebody else keeps open.
    const { host, port } = tunnel;
    const admin = { ...server.admin, host: pulumi.output(host), port: pulumi.output(port) };
    return { ...server, admin };
  }

  /** Builds PgBouncer beside the databases; undefined where the settings turn it off. */
  pool(databases: readonly DatabaseLayer[]): ConnectionPool | undefined {
    return this.#settings.pool.enabled
      ? this.#at(poolRuns(this.#settings).home).pool?.(databases)
      : undefined;
  }

  /** Hands the application its logins, where it looks for them. */
  logins(
    databases: readonly DatabaseLayer[],
    pool: ConnectionPool | undefined,
  ): readonly pulumi.Resource[] {
    return [...this.#open.values()].flatMap((home) => home.logins?.(databases, pool) ?? []);
  }

  /** Builds the jobs that keep the databases in order, where nothing else does. */
  maintenance(databases: readonly DatabaseLayer[]): void {
    if (!this.#settings.maintenance.enabled) return;
    const homes = new Set(DATABASES.map((each) => homeOf(this.#settings, each).workloads));
    for (const home of homes) this.#open.get(home)?.maintenance?.(databases);
  }

  /** Builds what watches over the databases. */
  monitoring(): void {
    for (const home of this.#open.values()) home.monitoring?.();
  }

  #at(home: string): OpenHome {
    const open = this.#open.get(home);
    if (!open) throw new Error(`the stack does not use the home ${home}`);
    return open;
  }
}
