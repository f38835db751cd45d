import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { MigrationError } from "../plan/errors";
import type { MigrationFile } from "../plan/migration-files";
import type { Statement } from "../plan/statements";
import type { Attempt, Boundary } from "./attempt";
import { describeFailure, isLockFailure } from "./failure";
import { describeLockHolders } from "./lock-holders";
import { recordApplied } from "./ledger";
import { runWithoutTransaction } from "./without-transaction";
import { prepareSession } from "./migration-session";
import { isTemporaryDenied } from "./temporary-tables";
import { runInTransaction } from "./transaction";

/** Retries of a file whose locks are held by others. The defaults add up to about a minute. */
export interface RetryOptions {
  /** Maximum number of attempts. Default 10. */
  readonly lockTries: number;
  /** Pause before the second attempt, in ms; it doubles each time, up to 10 s. Default 250. */
  readonly lockPauseMs: number;
}

export interface ApplyOptions extends Partial<RetryOptions> {
  readonly owner: string;
  readonly say: (text: string) => void;
  readonly onStep?: (step: Boundary) => void | Promise<void>;
}

const LONGEST_PAUSE_MS = 10_000;

/**
 * Applies one file. On lock_timeout the transaction is rolled back, so that sessions queued behind it continue, and
 * retried after a pause. A file that turns out to create temporary tables, perhaps in a trigger, is restarted with that
 * privilege.
 * @throws MigrationError naming the file, the line and the failure
 */
export async function applyFile(
  client: Client,
  file: MigrationFile,
  statements: readonly Statement[],
  options: ApplyOptions,
): Promise<void> {
  const { lockTries = 10, lockPauseMs = 250, say } = options;
  let temporary = false;
  for (let tries = 1; ; tries += 1) {
    let running: Statement | undefined;
    let relations: readonly string[] = [];
    const runs: Attempt["onStatement"] = (statement, existing = statement.relations) => {
      running = statement;
      relations = existing;
    };
    try {
      await attempt(client, file, statements, { ...options, temporary }, runs);
      return;
    } catch (cause) {
      await client.query("rollback").catch(() => undefined);
      if (cause instanceof MigrationError) throw cause;
      const outside = !file.directives.transaction;
      if (!temporary && !outside && isTemporaryDenied(cause)) {
        temporary = true;
        tries -= 1;
        continue;
      }
      const failure = await describeFailure(client, file, running, cause);
      if (!isLockFailure(cause)) throw new MigrationError("failed", failure, { cause });
      const holders = await describeLockHolders(client, relations, outside);
      if (tries >= lockTries) {
        throw new MigrationError(
          "lock-timeout",
          `${failure}. This was attempt ${tries} of ${lockTries}; ${holders}. End that session or wait for it, then run again`,
          { cause },
        );
      }
      const pause = Math.min(lockPauseMs * 2 ** (tries - 1), LONGEST_PAUSE_MS);
      say(`${failure}; ${holders}. Attempt ${tries + 1} of ${lockTries} in ${pause} ms`);
      await sleep(pause);
    }
  }
}

async function attempt(
  client: Client,
  file: MigrationFile,
  statements: readonly Statement[],
  { owner, say, onStep, temporary }: ApplyOptions & Pick<Attempt, "temporary">,
  runs: Attempt["onStatement"],
): Promise<void> {
  const role = file.directives.role ?? owner;
  const started = Date.now();
  const step: Attempt["onBoundary"] = async (before) => onStep?.({ file: file.name, before });
  const asOwner: Attempt["asOwner"] = async (work) => {
    // Sets the role even if a statement of the file has changed it.
    await client.query(`set role ${client.escapeIdentifier(owner)}`);
    const result = await work();
    if (role !== owner) await client.query(`set role ${client.escapeIdentifier(role)}`);
    return result;
  };
  const record: Attempt["record"] = async () => {
    await step("ledger");
    await asOwner(() => recordApplied(client, file, Date.now() - started));
  };
  await prepareSession(client, role, file.directives);
  const run = file.directives.transaction ? runInTransaction : runWithoutTransaction;
  await run({
    client,
    file,
    role,
    temporary,
    statements,
    say,
    onStatement: runs,
    onBoundary: step,
    record,
    asOwner,
  });
  await step("end");
}
