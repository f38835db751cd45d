/** Fresh databases for applying migrations, on one real PostgreSQL. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client, type ClientConfig } from "pg";
import type { DatabaseName } from "../components/roles/plan/role-plan";
import { SQL_FOLDER } from "./migrated";
import { type ScratchPostgres, startScratchPostgres } from "./scratch-postgres";
import { rolesSql } from "./roles-sql";

export type Texts = Readonly<Record<string, string>>;

/** The schema that the migrations must create. */
export function goldenSchema(database: DatabaseName): string {
  return readFileSync(join(SQL_FOLDER, `${database}.golden.txt`), "utf8");
}

export interface MigrationTarget {
  readonly server: ScratchPostgres;
  /** Connection of the migrating login to a database. */
  connection(database: string): ClientConfig;
  /** Creates a database with only the roles and extensions of `sark`. Returns its name. */
  freshDatabase(): Promise<string>;
  /** Drops a database without sessions. */
  drop(database: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server with the roles that the layer creates before migrations run. */
export async function startMigrationTarget(
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
    withSession(connection("postgres", database), (admin) => admin.query(text));
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

/** Runs work in a separate session, which may be terminated at any moment. */
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
