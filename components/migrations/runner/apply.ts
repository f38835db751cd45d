import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { MigrationError } from "../plan/errors";
import type { MigrationFile } from "../plan/migration-files";
import type { Statement } from "../plan/statements";
import type { Attempt, Step } from "./attempt";
import { describeFailure, isLockFailure } from "./failure";
import { holdersOf } from "./holders";
import { recordApplied } from "./ledger";
import { runOutside } from "./outside";
import { prepareSession } from "./migration-session";
import { lacksTemporary } from "./temporary";
import { runInTransaction } from "./transaction";

/** What a file does while others hold its locks. The defaults are about a minute. */
export interface Patience {
  /** How often it is tried. Default 10. */
  readonly lockTries: number;
  /** The first pause between two tries, in ms; each is twice the one before, up to 10 s. Default 250. */
  readonly lockPauseMs: number;
}

export interface ApplyOptions extends Partial<Patience> {
  readonly owner: string;
  readonly say: (text: string) => void;
  readonly onStep?: (step: Step) => void | Promise<void>;
}

const LONGEST_PAUSE_MS = 10_000;

/**
 * Applies one file. A lock that is not to be had within the file's lock_timeout gives way: the transaction is rolled
 * back, so that whoever queued behind it goes on, and tried again after a pause. A file that turns out to make temporary
 * tables, perhaps in a trigger, begins again with the right to.
 * @throws MigrationError naming the file, the line and what went wrong
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
    const runs: Attempt["runs"] = (statement, existing = statement.relations) => {
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
      if (!temporary && !outside && lacksTemporary(cause)) {
        temporary = true;
        tries -= 1;
        continue;
      }
      const failure = await describeFailure(client, file, running, cause);
      if (!isLockFailure(cause)) throw new MigrationError("failed", failure, { cause });
      const holders = await holdersOf(client, relations, outside);
      if (tries >= lockTries) {
        throw new MigrationError(
          "lock-timeout",
          `${failure}. This was try ${tries} of ${lockTries}; ${holders}. End that session or wait for it, and run again`,
          { cause },
        );
      }
      const pause = Math.min(lockPauseMs * 2 ** (tries - 1), LONGEST_PAUSE_MS);
      say(`${failure}; ${holders}. Try ${tries + 1} of ${lockTries} in ${pause} ms`);
      await sleep(pause);
    }
  }
}

async function attempt(
  client: Client,
  file: MigrationFile,
  statements: readonly Statement[],
  { owner, say, onStep, temporary }: ApplyOptions & Pick<Attempt, "temporary">,
  runs: Attempt["runs"],
): Promise<void> {
  const role = file.directives.role ?? owner;
  const started = Date.now();
  const step: Attempt["step"] = async (before) => onStep?.({ file: file.name, before });
  const asOwner: Attempt["asOwner"] = async (work) => {
    // Whatever role is set now: a statement of the file may have done so.
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
  const run = file.directives.transaction ? runInTransaction : runOutside;
  await run({ client, file, role, temporary, statements, say, runs, step, record, asOwner });
  await step("end");
}
