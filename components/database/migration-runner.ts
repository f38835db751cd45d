import type { Client } from "pg";
import { type MigrationFile, MigrationError, pendingFiles } from "../lib/migration-plan";

/** What {@link applyMigrations} needs to know besides the files. */
export interface RunnerOptions {
  /** Role that owns what the files create; the session sets it. */
  readonly owner: string;
  /** Roles that may read the ledger. */
  readonly ledgerReaders: readonly string[];
  /** How long to wait for another run to finish, in ms. Default 10 minutes. */
  readonly lockWaitMs?: number;
}

/** Any constant will do, as long as nobody else uses it: "sark" in ASCII. */
const LOCK_KEY = 0x7361726b;
const LOCK_POLL_MS = 250;

const LEDGER = `
  create schema if not exists sark_migrations;
  create table if not exists sark_migrations.applied (
    name text primary key,
    hash text not null,
    applied_at timestamptz not null default pg_catalog.clock_timestamp(),
    duration_ms bigint not null
  );`;

/**
 * Brings a database up to the last file and returns the names of those it applied, in order.
 *
 * One run at a time: others wait. A file and its ledger row are one transaction; a file marked
 * `--! no-transaction` holds one statement that may be run again, and its row follows it.
 * @throws MigrationError before anything is changed, when the ledger and the files disagree
 */
export async function applyMigrations(
  client: Client,
  files: readonly MigrationFile[],
  options: RunnerOptions,
): Promise<readonly string[]> {
  await takeLock(client, options.lockWaitMs ?? 600_000);
  try {
    await client.query(`set role ${client.escapeIdentifier(options.owner)}`);
    await prepareLedger(client, options.ledgerReaders);
    const { rows } = await client.query<{ name: string; hash: string }>(
      "select name, hash from sark_migrations.applied order by name",
    );
    const pending = pendingFiles(files, rows);
    for (const file of pending) await applyFile(client, file);
    return pending.map((file) => file.name);
  } finally {
    await client
      .query("reset role; select pg_catalog.pg_advisory_unlock_all()")
      .catch(() => undefined);
  }
}

/**
 * Polls: a session that blocks on the lock holds a snapshot, which a CREATE INDEX CONCURRENTLY of the run that has
 * the lock would wait for, and both would wait for ever.
 */
async function takeLock(client: Client, waitMs: number): Promise<void> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>(
      "select pg_catalog.pg_try_advisory_lock($1) as locked",
      [LOCK_KEY],
    );
    if (rows[0]?.locked) return;
    if (Date.now() > deadline) {
      throw new MigrationError(
        "locked",
        `another run holds the migration lock: ${await holder(client)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
}

async function holder(client: Client): Promise<string> {
  const { rows } = await client.query<{ who: string }>(
    `select pg_catalog.format('process %s of %s since %s', a.pid, a.usename, a.backend_start) as who
       from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.objid = $1 and l.granted`,
    [LOCK_KEY],
  );
  return rows[0]?.who ?? "a session that has just ended";
}

async function prepareLedger(client: Client, readers: readonly string[]): Promise<void> {
  const grantees = readers.map((reader) => client.escapeIdentifier(reader)).join(", ");
  const grants = `
    grant usage on schema sark_migrations to ${grantees};
    grant select on sark_migrations.applied to ${grantees};`;
  await client.query(`begin; ${LEDGER} ${readers.length > 0 ? grants : ""} commit;`);
}

async function applyFile(client: Client, file: MigrationFile): Promise<void> {
  const started = Date.now();
  const { transaction, lockTimeout, statementTimeout } = file.directives;
  const record = async (): Promise<void> => {
    await client.query(
      "insert into sark_migrations.applied (name, hash, duration_ms) values ($1, $2, $3)",
      [file.name, file.hash, Date.now() - started],
    );
  };
  try {
    if (transaction) await client.query("begin");
    const scope = transaction ? "local" : "session";
    await client.query(
      `set ${scope} lock_timeout to ${client.escapeLiteral(lockTimeout)};
       set ${scope} statement_timeout to ${client.escapeLiteral(statementTimeout)};`,
    );
    await client.query(file.sql);
    await record();
    if (transaction) await client.query("commit");
  } catch (cause) {
    await client.query("rollback").catch(() => undefined);
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new MigrationError("failed", `${file.name}: ${message}`, { cause });
  }
}
