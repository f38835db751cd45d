/** A server on which each test migrates its own database, as a login that may only become the owner. */
import type { Client } from "pg";
import { applyMigrations, type RunnerOptions } from "../../components/migrations/runner/run";
import { type ConnectionInput, withClient } from "../../components/connections/provider-connection";
import { type MigrationErrorCode, MigrationError } from "../../components/migrations/plan/errors";
import { planFiles } from "../../components/migrations/plan/migration-files";
import {
  type ScratchPostgresOptions,
  type ScratchPostgres,
  startScratchPostgres,
} from "../../scratch/scratch-postgres";

export type Texts = Readonly<Record<string, string>>;

export interface MigrationScratch {
  readonly server: ScratchPostgres;
  /** @param user `migrator` or `postgres` */
  readonly connection: (database: string, user?: string) => ConnectionInput;
  /** Runs work in a separate session, by default that of the superuser. */
  readonly session: <T>(
    database: string,
    work: (client: Client) => Promise<T>,
    user?: string,
  ) => Promise<T>;
  /** A database in which `owner` may create. */
  readonly emptyDatabase: () => Promise<string>;
  /** One run of the real runner, as `migrator`. */
  readonly migrate: (
    database: string,
    texts: Texts,
    options?: Partial<RunnerOptions>,
  ) => Promise<readonly string[]>;
  /** The values in the column `value` of a query. */
  readonly column: (database: string, sql: string) => Promise<readonly unknown[]>;
}

/** Options of the runner, for tests that set none. */
export const OPTIONS: RunnerOptions = {
  owner: "owner",
  ledgerReaders: ["reader"],
  lockTries: 2,
  lockPauseMs: 50,
};

export async function startMigrationScratch(
  options: ScratchPostgresOptions = {},
): Promise<MigrationScratch> {
  const server = await startScratchPostgres(options);
  const { host, port, password } = server;
  const connection: MigrationScratch["connection"] = (database, user = "migrator") => ({
    host,
    port,
    database,
    user,
    password,
    sslMode: "disable",
  });
  const session: MigrationScratch["session"] = (database, work, user = "postgres") =>
    withClient(connection(database, user), work);
  await session("postgres", (client) =>
    client.query(
      `create role owner; create role reader;
       create role migrator login noinherit password '${password}' in role owner`,
    ),
  );
  let databases = 0;
  return {
    server,
    connection,
    session,
    async emptyDatabase() {
      const name = `scratch_${String(++databases)}`;
      await session("postgres", (client) => client.query(`create database ${name} owner owner`));
      // As in a stack: the login itself sees nothing.
      await session(name, (client) =>
        client.query(
          "revoke all on schema public from public; grant usage, create on schema public to owner",
        ),
      );
      return name;
    },
    migrate: (database, texts, own) =>
      session(
        database,
        (client) => applyMigrations(client, planFiles(texts), { ...OPTIONS, ...own }),
        "migrator",
      ),
    column: (database, sql) =>
      session(database, async (client) =>
        (await client.query<{ value: unknown }>(sql)).rows.map(({ value }) => value),
      ),
  };
}

/** The error of a refused run: its code and its message, as a user sees them. */
export async function refusal(run: Promise<unknown>): Promise<string> {
  return (await refusalOf(run)).message;
}

async function refusalOf(run: Promise<unknown>): Promise<MigrationError> {
  const error: unknown = await run.then(
    () => new Error("nothing was refused"),
    (reason: unknown) => reason,
  );
  if (error instanceof MigrationError) return error;
  throw error;
}

/** A pattern for the code at the beginning of a message, followed by the given words in order. */
export function sentence(code: MigrationErrorCode, ...words: readonly string[]): RegExp {
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${[`${code}: `, ...escaped].join("[^]*")}`);
}

/** Key of the lock that allows one run at a time. */
const LOCK_KEY = 0x7361726b;

/** All traces that a run could have left. */
export function tracesOf(scratch: MigrationScratch, database: string): Promise<readonly unknown[]> {
  return scratch.column(
    database,
    `select nspname::text as value from pg_namespace where nspname = 'sark_migrations'
      union all select relname::text from pg_class where relnamespace = 'public'::regnamespace`,
  );
}

/**
 * Runs work while another session holds the lock of the runner: a run would wait for it, and then be refused as
 * `locked`.
 */
export async function whileLocked<T>(
  scratch: MigrationScratch,
  database: string,
  work: () => Promise<T>,
): Promise<T> {
  return scratch.session(database, async (holder) => {
    await holder.query(`select pg_catalog.pg_advisory_lock(${LOCK_KEY})`);
    return work();
  });
}
