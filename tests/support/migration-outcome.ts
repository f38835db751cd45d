/** Runs of the real migration runner, and their outcome in a database. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client, ClientConfig } from "pg";
import { readSchema } from "../../components/database-layer/catalog";
import type { Boundary } from "../../components/migrations/runner/attempt";
import { LEDGER_SCHEMA } from "../../components/migrations/runner/ledger";
import { applyMigrations } from "../../components/migrations/runner/run";
import { planFiles } from "../../components/migrations/plan/migration-files";
import { SQL_FOLDER } from "../../scratch/migrated";
import { type Texts, withSession } from "../../scratch/migration-target";

/** File name to text of all migrations of a database. */
export function migrationTexts(database: "sark" | "sark_audit"): Texts {
  const folder = join(SQL_FOLDER, database);
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(folder, name), "utf8")] as const),
  );
}

/** One run of the real runner in this process. */
export async function migrate(
  connection: ClientConfig,
  texts: Texts,
  owner: string,
  onStep?: (step: Boundary, client: Client) => void | Promise<void>,
): Promise<readonly string[]> {
  return withSession(connection, (client) =>
    applyMigrations(client, planFiles(texts), {
      owner,
      ledgerReaders: [],
      ...(onStep && { onStep: (step) => onStep(step, client) }),
    }),
  );
}

/** Outcome of runs in a database. */
export interface Outcome {
  readonly schema: string;
  /** Names in the ledger, in recorded order. */
  readonly recorded: readonly string[];
  /** Files outside of a transaction that have begun without a known end. */
  readonly unfinished: readonly string[];
  /** Sessions that hold the lock of the runner, or wait for it. */
  readonly locks: number;
}

export async function outcomeOf(client: Client): Promise<Outcome> {
  const schema = await readSchema(client, [LEDGER_SCHEMA]);
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
