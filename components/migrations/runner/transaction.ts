import type { Client } from "pg";
import { parseDuration } from "../../text/units";
import { mayChangeSettings, mayLockUnnamedRelations } from "../plan/statement-effects";
import type { Attempt } from "./attempt";
import { withTemporaryTables } from "./temporary-tables";

/** Additional time beyond lock_timeout for all statements of a file together, in ms. */
const GRACE_MS = 100;

/** How far the server's limit may exceed the remaining time, in ms. */
const TOLERANCE_MS = 20;

/** Runs a file's statements and its ledger row in one transaction. */
export async function runInTransaction(attempt: Attempt): Promise<void> {
  const { client, role, temporary, onBoundary, record } = attempt;
  await client.query("begin");
  const run = (): Promise<void> => runStatements(attempt);
  await (temporary ? withTemporaryTables(client, role, run) : run());
  await record();
  await onBoundary("commit");
  await client.query("commit");
}

async function runStatements({
  client,
  file,
  statements,
  onStatement,
  onBoundary,
}: Attempt): Promise<void> {
  const known = await existingRelations(client, [
    ...new Set(statements.flatMap((each) => each.relations)),
  ]);
  const whole = parseDuration(file.directives.lockTimeout);
  const least = Math.max(1, Math.floor(GRACE_MS / statements.length));
  let waitingSince: number | undefined;
  let set = Infinity;
  for (const [index, statement] of statements.entries()) {
    await onBoundary(index);
    const relations = statement.relations.filter((relation) => known.has(relation));
    onStatement(statement, relations);
    if (relations.length > 0 || mayLockUnnamedRelations(statement.node))
      waitingSince ??= Date.now();
    if (waitingSince !== undefined) {
      // Sessions behind the transaction wait for all of its locks, so lock_timeout applies to all of its statements
      // together. The server's limit applies per lock, and a statement on several tables takes several.
      const left = Math.max(least, whole - (Date.now() - waitingSince));
      const each = Math.max(1, Math.floor(left / Math.max(1, relations.length)));
      // Each query is a round trip: a file of many short statements would take twice as long.
      if (each > set || each < set - TOLERANCE_MS) {
        await client.query(`set local lock_timeout to ${each}`);
        set = each;
      }
    }
    await client.query(statement.sql);
    // The statement may have set it.
    if (mayChangeSettings(statement.node)) set = Infinity;
  }
}

/** Relations of a file that already exist: only on these can others hold locks. */
async function existingRelations(
  client: Client,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    "select name from pg_catalog.unnest($1::text[]) as name where pg_catalog.to_regclass(name) is not null",
    [names],
  );
  return new Set(rows.map(({ name }) => name));
}
