import type { Client } from "pg";
import { MigrationError } from "../plan/errors";
import { type OutsideEffect, outsideEffect } from "../plan/statement-effects";
import type { Attempt } from "./attempt";
import { indexState, invalidIndexes, relationExists } from "./invalid-indexes";
import { readStarted, recordStarted, type StartedFile } from "./ledger";

/**
 * Runs a file's single statement outside of a transaction. The ledger records the start first. A later run can thus
 * recognise an interrupted statement, clean up after it, and tell its index from one that was made by others.
 */
export async function runWithoutTransaction(attempt: Attempt): Promise<void> {
  const { client, file, statements, onStatement, onBoundary, record, asOwner } = attempt;
  const [statement] = statements;
  if (statement === undefined) return;
  onStatement(statement);
  const work = outsideEffect(statement.node);
  const begun = await asOwner(() => readStarted(client, file.name));
  const done = begun !== undefined && (await cleanUpInterrupted(attempt, work, begun));
  if (!done) {
    // A conflicting object is not this file's. The server reports it, and the next run must not treat it as a leftover.
    if (await isNotStarted(client, work)) {
      const index =
        work.kind === "create index" ? { name: work.index, table: work.table } : undefined;
      await asOwner(() => recordStarted(client, file, index));
    }
    await onBoundary(0);
    await client.query(statement.sql);
    await refuseInvalid(attempt, work);
  }
  await record();
}

/** Cleans up after an interrupted statement; true if it turns out to be complete. */
async function cleanUpInterrupted(
  attempt: Attempt,
  work: OutsideEffect,
  begun: StartedFile,
): Promise<boolean> {
  const { client, file, statements, say } = attempt;
  const same = begun.hash === file.hash;
  const tell = (text: string): void => {
    say(`${file.name}: an earlier run was interrupted; ${text}`);
  };
  if (begun.index !== null && begun.onTable !== null) {
    const state = await indexState(client, begun.index, begun.onTable);
    if (state === "valid" && same) {
      tell(`index ${begun.index} is valid and is now recorded`);
      return true;
    }
    if (state !== "missing") {
      tell(`dropping the leftover index ${begun.index}`);
      // TimescaleDB builds chunk-wise indexes without "concurrently", and they are dropped likewise.
      await drop(client, begun.index, work.kind !== "create index" || work.concurrently);
    }
    return false;
  }
  if (work.kind === "drop index") {
    if (!same || (await relationExists(client, work.index))) return false;
    tell(`index ${work.index} is dropped, which is now recorded`);
    return true;
  }
  if (work.kind === "detach partition") {
    const state = await partitionState(client, work);
    if (state === "half detached") {
      tell(`finishing the detach of ${work.partition}`);
      await client.query(`alter table ${work.table} detach partition ${work.partition} finalize`);
      return true;
    }
    if (!same || state === "attached") return false;
    tell(`${work.partition} is detached, which is now recorded`);
    return true;
  }
  if (work.kind === "reindex") {
    for (const index of statements[0] ? await invalidIndexes(client, statements[0].node) : []) {
      tell(`dropping the leftover index ${index}`);
      await drop(client, index, true);
    }
    return false;
  }
  tell("running it again");
  return false;
}

/** A concurrent detach takes two transactions; after the first, queries already skip the partition. */
async function partitionState(
  client: Client,
  { table, partition }: OutsideEffect & { readonly kind: "detach partition" },
): Promise<"attached" | "half detached" | "detached"> {
  const { rows } = await client.query<{ pending: boolean }>(
    `select inhdetachpending as pending from pg_catalog.pg_inherits
      where inhparent = pg_catalog.to_regclass($1) and inhrelid = pg_catalog.to_regclass($2)`,
    [table, partition],
  );
  if (rows[0] === undefined) return "detached";
  return rows[0].pending ? "half detached" : "attached";
}

async function drop(client: Client, index: string, concurrently: boolean): Promise<void> {
  await client.query(`drop index ${concurrently ? "concurrently " : ""}if exists ${index}`);
}

/** Whether the statement's object does not exist yet, or, for a drop or detach, still exists. */
async function isNotStarted(client: Client, work: OutsideEffect): Promise<boolean> {
  if (work.kind === "create index") return !(await relationExists(client, work.index));
  if (work.kind === "drop index") return relationExists(client, work.index);
  if (work.kind === "detach partition") return (await partitionState(client, work)) === "attached";
  return true;
}

/** With `if not exists`, the server accepts any relation of that name. */
async function refuseInvalid(
  { client, file, statements }: Attempt,
  work: OutsideEffect,
): Promise<void> {
  if (work.kind !== "create index") return;
  if ((await indexState(client, work.index, work.table)) === "valid") return;
  throw new MigrationError(
    "failed",
    `${file.name}:${statements[0]?.line ?? 1}: no valid index ${work.index} on ${work.table} was created; another relation of that name exists ` +
      `that this file did not create: check what it is, drop it, and run again`,
  );
}
