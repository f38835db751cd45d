import type { Client } from "pg";
import type { MigrationFile } from "../plan/migration-files";
import { pendingFiles } from "../plan/migration-plan";
import { readStatements } from "../plan/statements";
import { unqualifiedNames } from "../plan/unqualified-names";
import { applyFile, type Patience } from "./apply";
import type { Step } from "./attempt";
import { prepareLedger, readLedger } from "./ledger";
import { releaseLock, takeLock } from "./advisory-lock";
import { recordSchema } from "./recorded";
import { prepareSession } from "./migration-session";
import { checkTarget, claimTarget, type TargetDemands } from "./target";

/** What {@link applyMigrations} needs to know besides the files. */
export interface RunnerOptions extends TargetDemands, Partial<Patience> {
  /** Role that owns what the files create, unless a file names another; the session sets it. */
  readonly owner: string;
  /** Roles that may read the ledger. */
  readonly ledgerReaders: readonly string[];
  /** The golden dump of the files, kept in the ledger once all of them are applied. Default: none is kept. */
  readonly schema?: string | undefined;
  /** How long to wait for another run to finish, in ms. Default 10 minutes. */
  readonly lockWaitMs?: number;
  /** Told what the run waits for. Default: nobody. */
  readonly say?: (text: string) => void;
  /** Called at each boundary between statements, and awaited. Default: nothing. */
  readonly onStep?: (step: Step) => void | Promise<void>;
}

/**
 * Brings a database up to the last file and returns the names of those it applied, in order.
 *
 * One run at a time: others wait. A file and its ledger row are one transaction; a file marked
 * `--! no-transaction` holds one statement, and its row follows it.
 * @throws MigrationError before anything is changed, when this is not a database to migrate, or the ledger and the
 * files disagree; later, naming the file and the line that failed
 */
export async function applyMigrations(
  client: Client,
  files: readonly MigrationFile[],
  options: RunnerOptions,
): Promise<readonly string[]> {
  const { owner, ledgerReaders } = options;
  const say = options.say ?? (() => undefined);
  try {
    await prepareSession(client, owner);
    await checkTarget(client, options);
    // The login may know more of its other sessions than the owner may.
    await client.query("reset role");
    await takeLock(client, options.lockWaitMs ?? 600_000, say);
    await prepareSession(client, owner);
    await prepareLedger(client, ledgerReaders);
    await claimTarget(client, options);
    const pending = pendingFiles(files, await readLedger(client));
    // All of them are read before the first is applied.
    const work = await Promise.all(
      pending.map(async (file) => ({ file, statements: await readStatements(file) })),
    );
    const [unqualified] = unqualifiedNames(work);
    if (unqualified !== undefined) throw unqualified;
    for (const { file, statements } of work) {
      await applyFile(client, file, statements, { ...options, say });
    }
    await prepareSession(client, owner);
    if (options.schema !== undefined) {
      await recordSchema(client, {
        dump: options.schema,
        files: files.map(({ name }) => name),
      });
    }
    return pending.map((file) => file.name);
  } finally {
    await releaseLock(client);
  }
}
