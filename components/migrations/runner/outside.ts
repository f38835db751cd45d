import type { Client } from "pg";
import { MigrationError } from "../plan/errors";
import { type OutsideWork, outsideWork } from "../plan/nodes";
import type { Attempt } from "./attempt";
import { indexState, invalidIndexes, relationExists } from "./invalid-indexes";
import { readStarted, recordStarted, type StartedFile } from "./ledger";

/**
 * Runs a file's one statement outside of a transaction. Before it, the ledger notes that it is about to run, so that a
 * later run knows what was broken off, takes away what is left of it, and does not take somebody else's index for it.
 */
export async function runOutside(attempt: Attempt): Promise<void> {
  const { client, file, statements, runs, step, record, asOwner } = attempt;
  const [statement] = statements;
  if (statement === undefined) return;
  runs(statement);
  const work = outsideWork(statement.node);
  const begun = await asOwner(() => readStarted(client, file.name));
  const done = begun !== undefined && (await settle(attempt, work, begun));
  if (!done) {
    // What stands in its way is not this file's: the server says so, and the next run shall not take it for its own.
    if (await isClear(client, work)) {
      const index =
        work.kind === "create index" ? { name: work.index, table: work.table } : undefined;
      await asOwner(() => recordStarted(client, file, index));
    }
    await step(0);
    await client.query(statement.sql);
    await refuseInvalid(attempt, work);
  }
  await record();
}

/** Clears up after a statement that was broken off; true if it turns out to be done. */
async function settle(attempt: Attempt, work: OutsideWork, begun: StartedFile): Promise<boolean> {
  const { client, file, statements, say } = attempt;
  const same = begun.hash === file.hash;
  const tell = (text: string): void => {
    say(`${file.name}: an earlier run began it and did not finish; ${text}`);
  };
  if (begun.index !== null && begun.onTable !== null) {
    const state = await indexState(client, begun.index, begun.onTable);
    if (state === "valid" && same) {
      tell(`index ${begun.index} is there and valid, and is only recorded`);
      return true;
    }
    if (state !== "missing") {
      tell(`drops what it left, index ${begun.index}`);
      // TimescaleDB builds without "concurrently" what it builds chunk by chunk, and drops it so.
      await drop(client, begun.index, work.kind !== "create index" || work.concurrently);
    }
    return false;
  }
  if (work.kind === "drop index") {
    if (!same || (await relationExists(client, work.index))) return false;
    tell(`index ${work.index} is gone, and that is only recorded`);
    return true;
  }
  if (work.kind === "detach partition") {
    const state = await partitionState(client, work);
    if (state === "half detached") {
      tell(`finishes to detach ${work.partition}`);
      await client.query(`alter table ${work.table} detach partition ${work.partition} finalize`);
      return true;
    }
    if (!same || state === "attached") return false;
    tell(`${work.partition} is detached, and that is only recorded`);
    return true;
  }
  if (work.kind === "reindex") {
    for (const index of statements[0] ? await invalidIndexes(client, statements[0].node) : []) {
      tell(`drops what it left, index ${index}`);
      await drop(client, index, true);
    }
    return false;
  }
  tell("runs it again");
  return false;
}

/** A detachment is two transactions: after the first, the partition is one that nobody asks any more. */
async function partitionState(
  client: Client,
  { table, partition }: OutsideWork & { readonly kind: "detach partition" },
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

/** Whether what a statement makes is not there yet, or what it drops or detaches is there. */
async function isClear(client: Client, work: OutsideWork): Promise<boolean> {
  if (work.kind === "create index") return !(await relationExists(client, work.index));
  if (work.kind === "drop index") return relationExists(client, work.index);
  if (work.kind === "detach partition") return (await partitionState(client, work)) === "attached";
  return true;
}

/** With `if not exists` the server is content with any index of that name. */
async function refuseInvalid(
  { client, file, statements }: Attempt,
  work: OutsideWork,
): Promise<void> {
  if (work.kind !== "create index") return;
  if ((await indexState(client, work.index, work.table)) === "valid") return;
  throw new MigrationError(
    "failed",
    `${file.name}:${statements[0]?.line ?? 1}: there is no valid index ${work.index} on ${work.table} after it, but ` +
      `something else of that name, which this file did not make: look what it is, drop it, and run again`,
  );
}
