import type { Client } from "pg";
import type { MigrationFile } from "../plan/migration-files";
import { pendingFiles } from "../plan/migration-plan";
import { readStatements } from "../plan/statements";
import { unqualifiedNames } from "../plan/unqualified-names";
import { applyFile, type RetryOptions } from "./apply";
import type { Boundary } from "./attempt";
import { prepareLedger, readLedger } from "./ledger";
import { releaseLock, takeLock } from "./advisory-lock";
import { recordSchema } from "./recorded-schema";
import { prepareSession } from "./migration-session";
import { checkTarget, claimTarget, type TargetRequirements } from "./target";

/** Options of {@link applyMigrations}. */
export interface RunnerOptions extends TargetRequirements, Partial<RetryOptions> {
  /** Role that owns what the files create, unless a file names another; the session sets it. */
  readonly owner: string;
  /** Roles that may read the ledger. */
  readonly ledgerReaders: readonly string[];
  /** Golden dump of the files, recorded in the ledger once all are applied. Default: none. */
  readonly schema?: string | undefined;
  /** Maximum wait for another run, in ms. Default 10 minutes. */
  readonly lockWaitMs?: number;
  /** Called with the reason for each wait. Default: none. */
  readonly say?: (text: string) => void;
  /** Called and awaited at each boundary between statements. Default: none. */
  readonly onStep?: (step: Boundary) => void | Promise<void>;
}

/**
 * Applies all pending files; returns their names in order.
 *
 * Only one run at a time: others wait. A file and its ledger row are one transaction. A file marked `--!
 * no-transaction` has one statement, and its row is written afterwards.
 * @throws MigrationError before any change, when the database is not suitable or the ledger and the
 *   files disagree; later, naming file and line of the failure
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
    // The login may see more of its other sessions than the owner.
    await client.query("reset role");
    await takeLock(client, options.lockWaitMs ?? 600_000, say);
    await prepareSession(client, owner);
    await prepareLedger(client, ledgerReaders);
    await claimTarget(client, options);
    const pending = pendingFiles(files, await readLedger(client));
    // All files are parsed before the first is applied.
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
