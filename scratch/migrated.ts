/** Databases with the migrations applied as by the layer and its runner: roles first, then files, as the owner. */
import { join } from "node:path";
import { Client } from "pg";
import { readTexts } from "../components/migrations/migration-folder";
import { type MigrationFile, planFiles } from "../components/migrations/plan/migration-files";
import { projectRoot } from "../components/files/project-root";
import { type ScratchPostgres, startScratchPostgres } from "./scratch-postgres";
import { rolesSql } from "./roles-sql";
import type { DatabaseName } from "../components/roles/plan/role-plan";

export const SQL_FOLDER = join(projectRoot(), "sql");

/** The files of a database, in order. */
export function migrationFiles(database: DatabaseName): readonly MigrationFile[] {
  return planFiles(readTexts(join(SQL_FOLDER, database)));
}

/** PostgreSQL with the migrated database `sark`. */
export interface TestServer {
  /** The password of every login. */
  readonly password: string;
  readonly port: number;
  /** Connects as `postgres`, `sark_app_a`, `sark_readonly_a`, `sark_migrate` or `sark_maintain`. {@link TestServer.stop} closes it. */
  connect(user: string, database?: string): Promise<Client>;
  stop(): Promise<void>;
}

/** @param parameters additional parameters of postgresql.conf */
export async function migratedSark(
  parameters: Readonly<Record<string, string>> = {},
): Promise<TestServer> {
  const preload = ["pg_stat_statements"];
  const scratch = await startScratchPostgres({
    preload,
    // Tests control statistics and dead rows themselves.
    parameters: { autovacuum: "off", ...parameters },
    template: {
      name: "sark",
      options: { preload, parameters: { autovacuum: "off" } },
      inputs: [rolesSql("sark"), ...migrationFiles("sark").map(({ sql }) => sql)],
      fill: fillSark,
    },
  });
  return testServer(scratch);
}

async function fillSark(scratch: ScratchPostgres): Promise<void> {
  const { password } = scratch;
  const server = testServer(scratch);
  try {
    await (await server.connect("postgres", "postgres")).query("create database sark");
    const admin = await server.connect("postgres");
    await admin.query(rolesSql("sark", { password }));
    await admin.query("grant temporary on database sark to sark_owner");
    await applyAll(await server.connect("sark_migrate"), "sark");
    await admin.query("revoke temporary on database sark from sark_owner");
  } finally {
    await server.disconnect();
  }
}

function testServer(scratch: ScratchPostgres) {
  const { host, port, password } = scratch;
  const clients: Client[] = [];
  const disconnect = async () => {
    await Promise.all(clients.map((client) => client.end()));
  };
  return {
    password,
    port,
    disconnect,
    async connect(user: string, database = "sark") {
      const client = new Client({ host, port, user, database, password });
      clients.push(client);
      // A test may end a session from outside; pending queries still reject.
      client.on("error", () => undefined);
      await client.connect();
      return client;
    },
    async stop() {
      await disconnect();
      await scratch.stop();
    },
  };
}

/** Applies every file as the owner, each as one transaction or as one statement outside a transaction. */
export async function applyAll(
  client: { query(text: string): Promise<unknown> },
  database: DatabaseName,
): Promise<void> {
  const run = (text: string): Promise<unknown> => client.query(text);
  for (const { name, sql, directives } of migrationFiles(database)) {
    const scope = directives.transaction ? "local" : "session";
    await run(`set role ${directives.role ?? `${database}_owner`}`);
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
