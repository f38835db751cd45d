/** Migration files that change three tables while other sessions hold locks on them. */
import type { Client, ClientConfig } from "pg";
import type { MigrationScratch, Texts } from "./migration-scratch";

export const TABLES = {
  "000001_tables.sql":
    "create table public.a (id int); create table public.b (id int); create table public.c (id int);",
};
/** The name of the file that changes them. */
export const FILE = "000002_change.sql";

export function change(lockTimeout: string, sql: string): Texts {
  return { ...TABLES, [FILE]: `--! lock_timeout ${lockTimeout}\n${sql}` };
}

/** Opens a transaction that has read a table, like a long report. */
export async function longReader(client: Client, table: string): Promise<void> {
  await client.query(
    `set application_name to 'the long reader'; begin; select count(*) from public.${table}`,
  );
}

export interface LocksScratch {
  /** A database with the three tables. */
  readonly prepared: () => Promise<string>;
  /** Connection of the superuser. */
  readonly config: (database: string) => ClientConfig;
  /** The columns that were added. */
  readonly columns: (database: string) => Promise<readonly unknown[]>;
  /** Whether a session of the login waits for a lock. */
  readonly waits: (database: string, login: string) => Promise<boolean>;
}

export function locksScratch(scratch: () => MigrationScratch): LocksScratch {
  return {
    async prepared() {
      const database = await scratch().emptyDatabase();
      await scratch().migrate(database, TABLES);
      return database;
    },
    config(database) {
      const { host, port, password } = scratch().server;
      return { host, port, user: "postgres", password, database };
    },
    columns: (database) =>
      scratch().column(
        database,
        `select concat_ws('.', table_name, column_name) as value from information_schema.columns
          where table_schema = 'public' and column_name <> 'id' order by 1`,
      ),
    async waits(database, login) {
      const rows = await scratch().column(
        "postgres",
        `select 1 as value from pg_stat_activity
          where datname = '${database}' and usename = '${login}' and wait_event_type = 'Lock'`,
      );
      return rows.length > 0;
    },
  };
}
