/** Databases with the migrations applied, as the layer and its runner would: roles first, then files, as the owner. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type MigrationFile, planFiles } from "../../components/lib/migration-plan";
import { Client } from "pg";
import { startScratchPostgres } from "./postgres";
import { openTimescale, type TestTimescale } from "./timescale-thread";

type DatabaseName = "sark" | "sark_audit";

export const SQL_FOLDER = join(__dirname, "../../sql");

/** The files of a database, in order. */
export function migrationFiles(database: DatabaseName): readonly MigrationFile[] {
  const folder = join(SQL_FOLDER, database);
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  return planFiles(
    Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")])),
  );
}

/** PostgreSQL with database `sark` migrated, of one test file. */
export interface TestServer {
  /** The password of every login. */
  readonly password: string;
  readonly port: number;
  /** As `postgres`, `sark_app_a`, `sark_readonly_a`, `sark_migrate` or `sark_maintain`; closed by {@link TestServer.stop}. */
  connect(user: string, database?: string): Promise<Client>;
  stop(): Promise<void>;
}

/** @param parameters of postgresql.conf, besides */
export async function migratedSark(
  parameters: Readonly<Record<string, string>> = {},
): Promise<TestServer> {
  const scratch = await startScratchPostgres({
    preload: ["pg_stat_statements"],
    // Statistics and dead rows are the test's own business.
    parameters: { autovacuum: "off", ...parameters },
  });
  const { host, port, password } = scratch;
  const clients: Client[] = [];
  const server: TestServer = {
    password,
    port,
    async connect(user, database = "sark") {
      const client = new Client({ host, port, user, database, password });
      clients.push(client);
      await client.connect();
      return client;
    },
    async stop() {
      await Promise.all(clients.map((client) => client.end()));
      await scratch.stop();
    },
  };
  await (await server.connect("postgres", "postgres")).query("create database sark");
  await (await server.connect("postgres")).query(roles("sark", password));
  await applyAll(await server.connect("sark_migrate"), "sark");
  return server;
}

/** TimescaleDB with the schema of `sark_audit`; the session is the superuser's, so tests `set role`. */
export async function migratedAudit(): Promise<TestTimescale> {
  const database = openTimescale();
  await database.query(roles("sark_audit", "unused"));
  await applyAll(database, "sark_audit");
  return database;
}

/** Applies every file as the owner: a file is one transaction, or one statement outside of any. */
export async function applyAll(
  client: { query(text: string): Promise<unknown> },
  database: DatabaseName,
): Promise<void> {
  const run = (text: string): Promise<unknown> => client.query(text);
  await run(`set role ${database}_owner`);
  for (const { name, sql, directives } of migrationFiles(database)) {
    const scope = directives.transaction ? "local" : "session";
    try {
      if (directives.transaction) await run("begin");
      await run(`set ${scope} lock_timeout = '${directives.lockTimeout}'`);
      await run(`set ${scope} statement_timeout = '${directives.statementTimeout}'`);
      await run(sql);
      if (directives.transaction) await run("commit");
    } catch (cause) {
      await run("rollback");
      throw new Error(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  }
  await run("reset role");
}

/** What the layer makes before migrations run. */
function roles(database: DatabaseName, password: string): string {
  const [owner, writer, reader] = ["owner", "writer", "reader"].map(
    (role) => `${database}_${role}`,
  );
  const extensions = {
    sark: ["pg_stat_statements", "pg_trgm", "pgcrypto", "uuid-ossp"],
    sark_audit: ["timescaledb"],
  };
  return `
    ${extensions[database].map((name) => `create extension "${name}";`).join("\n")}
    -- TimescaleDB runs a hypertable's jobs as its owner, and gives jobs only to owners who may log in.
    create role ${owner} ${database === "sark_audit" ? "login" : "nologin"};
    create role ${writer} nologin;
    create role ${reader} nologin;
    create role ${database}_migrate login password '${password}' in role ${owner};
    create role ${database}_maintain login password '${password}' in role ${owner};
    create role ${database}_app_a login password '${password}' in role ${writer};
    create role ${database}_readonly_a login password '${password}' in role ${reader};

    revoke all on schema public from public;
    grant usage, create on schema public to ${owner};
    grant usage on schema public to ${writer}, ${reader};

    alter default privileges for role ${owner} revoke execute on functions from public;
    alter default privileges for role ${owner} in schema public grant select on tables to ${reader};
    ${database === "sark" ? applicationDefaults(`${owner}`, `${writer}`) : ""}`;
}

function applicationDefaults(owner: string, writer: string): string {
  const defaults = `alter default privileges for role ${owner} in schema public grant`;
  return `
    ${defaults} select, insert, update, delete on tables to ${writer};
    ${defaults} usage, select on sequences to ${writer};
    ${defaults} execute on functions to ${writer};`;
}
