import type { Client } from "pg";
import type { MigrationFile } from "../plan/migration-files";
import type { TargetIdentity } from "../plan/target-identity";
import { relationExists } from "./invalid-indexes";

/** Schema of the runner's own tables, which are not part of the migrated schema. */
export const LEDGER_SCHEMA = "sark_migrations";

export interface AppliedFile {
  readonly name: string;
  readonly hash: string;
}

/** A file outside of a transaction that was started, and may have run without being recorded. */
export interface StartedFile {
  readonly hash: string;
  /** Index that the statement creates and its table, as written in SQL; null for other statements. */
  readonly index: string | null;
  readonly onTable: string | null;
}

/** `started` holds files outside of a transaction, from before their statement until they are recorded. */
const TABLES = `
  create schema if not exists ${LEDGER_SCHEMA};
  create table if not exists ${LEDGER_SCHEMA}.applied (
    name text primary key,
    hash text not null,
    applied_at timestamptz not null default pg_catalog.clock_timestamp(),
    duration_ms bigint not null
  );
  create table if not exists ${LEDGER_SCHEMA}.started (
    name text primary key,
    hash text not null,
    index text,
    on_table text,
    started_at timestamptz not null default pg_catalog.clock_timestamp()
  );
  create table if not exists ${LEDGER_SCHEMA}.targets (
    id integer primary key generated always as identity,
    system_identifier text,
    database text not null,
    major integer not null,
    recorded_at timestamptz not null default pg_catalog.clock_timestamp()
  );
  create table if not exists ${LEDGER_SCHEMA}.schema (
    only_row boolean primary key default true check (only_row),
    dump text not null,
    files text[] not null,
    recorded_at timestamptz not null default pg_catalog.clock_timestamp()
  );`;

/** Creates missing ledger tables as the current role. @param readers roles that may read the ledger */
export async function prepareLedger(client: Client, readers: readonly string[]): Promise<void> {
  await client.query(`begin; ${ledgerSql(client, readers)} commit;`);
}

/** The same as SQL text, for the caller's transaction. */
export function ledgerSql(client: Client, readers: readonly string[]): string {
  const grantees = readers.map((reader) => client.escapeIdentifier(reader)).join(", ");
  const grants = `
    grant usage on schema ${LEDGER_SCHEMA} to ${grantees};
    grant select on all tables in schema ${LEDGER_SCHEMA} to ${grantees};`;
  return `${TABLES} ${readers.length > 0 ? grants : ""}`;
}

/** Applied files, in order. */
export async function readLedger(client: Client): Promise<readonly AppliedFile[]> {
  const { rows } = await client.query<AppliedFile>(
    `select name, hash from ${LEDGER_SCHEMA}.applied order by name`,
  );
  return rows;
}

/** Records a file as applied, in the file's own transaction if it has one: both succeed or neither. */
export async function recordApplied(
  client: Client,
  file: MigrationFile,
  durationMs: number,
): Promise<void> {
  await client.query(
    `with finished as (delete from ${LEDGER_SCHEMA}.started as s where s.name = $1)
     insert into ${LEDGER_SCHEMA}.applied (name, hash, duration_ms) values ($1, $2, $3)`,
    [file.name, file.hash, durationMs],
  );
}

/** Ledger entry of a file whose statement was started but not recorded. */
export async function readStarted(client: Client, name: string): Promise<StartedFile | undefined> {
  const { rows } = await client.query<StartedFile>(
    `select hash, index, on_table as "onTable" from ${LEDGER_SCHEMA}.started as s
      where s.name = $1`,
    [name],
  );
  return rows[0];
}

/** Records that a file's statement is about to run. */
export async function recordStarted(
  client: Client,
  file: MigrationFile,
  index?: { readonly name: string; readonly table: string },
): Promise<void> {
  await client.query(
    `insert into ${LEDGER_SCHEMA}.started (name, hash, index, on_table) values ($1, $2, $3, $4)
     on conflict (name) do update
       set hash = excluded.hash, index = excluded.index, on_table = excluded.on_table`,
    [file.name, file.hash, index?.name ?? null, index?.table ?? null],
  );
}

/** Databases in which this ledger was kept, the current one last; empty before first use. */
export async function readTargets(client: Client): Promise<readonly TargetIdentity[]> {
  if (!(await relationExists(client, `${LEDGER_SCHEMA}.targets`))) return [];
  const { rows } = await client.query<TargetIdentity>(
    `select system_identifier as "systemIdentifier", database, major
       from ${LEDGER_SCHEMA}.targets order by id`,
  );
  return rows;
}

/** Records that the ledger is now kept in this database. */
export async function recordTarget(client: Client, target: TargetIdentity): Promise<void> {
  await client.query(
    `insert into ${LEDGER_SCHEMA}.targets (system_identifier, database, major) values ($1, $2, $3)`,
    [target.systemIdentifier, target.database, target.major],
  );
}
