import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { readBackupSql } from "./backup-sql";
import { type BackupRecord, readRecord } from "./plan/record";

/** A session outside of a transaction. */
export type RecordClient = Pick<Client, "query">;

/** Between two attempts at a moment in which nothing is written. */
const PAUSE_MS = 50;

/**
 * Makes a record of the database. It waits some seconds for a moment in which no transaction commits; if there is none,
 * the record says that it is not exact.
 * @param patience milliseconds
 */
export async function makeRecord(client: RecordClient, patience = 5000): Promise<BackupRecord> {
  const last = Date.now() + patience;
  for (;;) {
    const { before, writers } = await lastWrites(client);
    await client.query("begin isolation level repeatable read read only");
    try {
      const { statement, lsn } = await prepareRecord(client);
      const exact = before === lsn && writers === 0;
      if (exact || Date.now() >= last) return await runStatement(client, statement, exact);
    } finally {
      await client.query("rollback");
    }
    await sleep(PAUSE_MS);
  }
}

/** Makes the record of the snapshot that the session's transaction already has, such as an exported one. */
export async function recordOfSnapshot(client: RecordClient): Promise<BackupRecord> {
  const { statement } = await prepareRecord(client);
  return runStatement(client, statement, true);
}

interface LastWrites {
  /** Where the write-ahead log ends; on a server in recovery, how far it is replayed. */
  readonly before: string;
  /** Transactions that may be about to commit. */
  readonly writers: number;
}

async function lastWrites(client: RecordClient): Promise<LastWrites> {
  return theRow(await client.query<LastWrites>(readBackupSql("writers")));
}

interface Prepared {
  readonly statement: string;
  readonly lsn: string;
}

async function prepareRecord(client: RecordClient): Promise<Prepared> {
  return theRow(await client.query<Prepared>(readBackupSql("record-statement")));
}

async function runStatement(
  client: RecordClient,
  statement: string,
  exact: boolean,
): Promise<BackupRecord> {
  const { record } = theRow(await client.query<{ record: string }>(statement));
  return readRecord(record, exact);
}

function theRow<Row>({ rows }: { readonly rows: readonly Row[] }): Row {
  const [row] = rows;
  if (row === undefined) throw new Error("a query of the record returned no row");
  return row;
}
