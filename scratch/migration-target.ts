/** Databases that migrations are applied to, one after the other, on one real PostgreSQL. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client, type ClientConfig } from "pg";
import { readSchema } from "../components/database/catalog";
import type { Step } from "../components/database/migrations/attempt";
import { LEDGER_SCHEMA } from "../components/database/migrations/ledger";
import { applyMigrations } from "../components/database/migrations/run";
import { planFiles } from "../components/lib/migrations/files";
import { SQL_FOLDER } from "./migrated";
import { type ScratchPostgres, startScratchPostgres } from "./postgres";
import { rolesSql } from "./roles-sql";

export type Texts = Readonly<Record<string, string>>;

/** File name to text of all migrations of a database. */
export function migrationTexts(database: "sark" | "sark_audit"): Texts {
  const folder = join(SQL_FOLDER, database);
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(folder, name), "utf8")] as const),
  );
}

/** The schema that the migrations are to make. */
export function goldenSchema(database: "sark" | "sark_audit"): string {
  return readFileSync(join(SQL_FOLDER, `${database}.golden.txt`), "utf8");
}

export interface MigrationTarget {
  readonly server: ScratchPostgres;
  /** How the login that migrates reaches a database. */
  connection(database: string): ClientConfig;
  /** A new database with the roles and extensions of `sark`, and nothing else. Returns its name. */
  freshDatabase(): Promise<string>;
  /** Removes a database that nobody uses any more. */
  drop(database: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server with the roles that the layer makes before migrations run. */
export async function startTarget(
  parameters: Readonly<Record<string, string>> = {},
): Promise<MigrationTarget> {
  const server = await startScratchPostgres({
    preload: ["pg_stat_statements"],
    parameters: { autovacuum: "off", ...parameters },
  });
  const { host, port, password } = server;
  const connection = (user: string, database: string): ClientConfig => ({
    host,
    port,
    user,
    database,
    password,
    application_name: "sark-databases",
  });
  const asAdmin = (database: string, text: string): Promise<unknown> =>
    withSession({ ...connection("postgres", database) }, (admin) => admin.query(text));
  let databases = 0;
  await asAdmin("postgres", "create database prepared");
  await asAdmin("prepared", rolesSql("sark", { password, onDatabase: false }));
  return {
    server,
    connection: (database) => connection("sark_migrate", database),
    async freshDatabase() {
      const name = `fresh_${++databases}`;
      await asAdmin("postgres", `create database ${name} template prepared`);
      // Privileges on the database itself are not copied.
      await asAdmin("postgres", `grant create on database ${name} to sark_owner`);
      return name;
    },
    drop: async (database) => {
      await asAdmin("postgres", `drop database ${database}`);
    },
    stop: () => server.stop(),
  };
}

/** Work on a session of its own, which may be cut at any moment. */
export async function withSession<T>(
  connection: ClientConfig,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client(connection);
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** One run of the real runner in this process. */
export async function migrate(
  connection: ClientConfig,
  texts: Texts,
  owner: string,
  onStep?: (step: Step, client: Client) => void | Promise<void>,
): Promise<readonly string[]> {
  return withSession(connection, (client) =>
    applyMigrations(client, planFiles(texts), {
      owner,
      ledgerReaders: [],
      ...(onStep && { onStep: (step) => onStep(step, client) }),
    }),
  );
}

/** What runs have left in a database. */
export interface Outcome {
  readonly schema: string;
  /** Names in the ledger, in the order in which they were recorded. */
  readonly recorded: readonly string[];
  /** Files outside of a transaction that were begun and whose end nobody knows of. */
  readonly unfinished: readonly string[];
  /** Sessions that hold the lock of one run at a time, or wait for it. */
  readonly locks: number;
}

export async function outcomeOf(client: Client): Promise<Outcome> {
  const schema = await readSchema(client, { without: [LEDGER_SCHEMA] });
  const names = async (text: string): Promise<readonly string[]> =>
    (await client.query<{ name: string }>(text)).rows.map(({ name }) => name);
  const { rows } = await client.query<{ count: number }>(
    "select count(*)::integer from pg_locks where locktype = 'advisory'",
  );
  return {
    schema,
    recorded: await names(`select name from ${LEDGER_SCHEMA}.applied order by applied_at, name`),
    unfinished: await names(`select name from ${LEDGER_SCHEMA}.started order by name`),
    locks: rows[0]?.count ?? 0,
  };
}
