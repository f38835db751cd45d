import type { Client } from "pg";
import { MigrationError } from "../plan/errors";
import type { MigrationFile } from "../plan/migration-files";
import { pendingFiles } from "../plan/migration-plan";
import { compareTargets, type RequiredExtension } from "../plan/target-identity";
import { withoutStackFigures } from "../../hypertables/plan/dump-figures";
import {
  differenceLines,
  differenceSum,
  diffSchemas,
  type SchemaDifference,
} from "../../database-layer/plan/schema-diff";
import {
  type AppliedFile,
  LEDGER_SCHEMA,
  ledgerSql,
  readLedger,
  readTargets,
  recordApplied,
  recordTarget,
} from "./ledger";
import { releaseLock, takeLock } from "./advisory-lock";
import { relationExists } from "./invalid-indexes";
import { readCurrentSchema, recordSchema } from "./recorded-schema";
import { prepareSession } from "./migration-session";
import { checkServer, readTargetIdentity } from "./target";

/** Options of {@link adoptDatabase}. */
export interface BaselineOptions {
  /** Role that owns the ledger and the objects of the files. */
  readonly owner: string;
  /** Roles that may read the ledger. */
  readonly ledgerReaders: readonly string[];
  /** Extensions that the files use. */
  readonly extensions: readonly RequiredExtension[];
  /** Golden dump of the files. */
  readonly schema: string;
  /** Asked before anything is recorded, with the files that are not in the ledger. */
  readonly confirm: (missing: readonly MigrationFile[]) => Promise<boolean>;
  /** Maximum wait for another run, in ms. Default 1 minute. */
  readonly lockWaitMs?: number;
  /** Called with the reason for each wait. Default: none. */
  readonly say?: (text: string) => void;
}

/** A database that cannot be adopted, because its schema differs from the files. Nothing was changed. */
export class SchemaDiffersError extends MigrationError {
  constructor(readonly differences: readonly SchemaDifference[]) {
    const lines = differenceLines(differences, { objects: 100, lines: 50, width: 1000 });
    super(
      "schema-differs",
      `the schema of the database differs from the files (${differenceSum(differences)}):\n` +
        lines.map((line) => `  ${line}\n`).join("") +
        "Nothing was recorded. Change the database to match the files, then run this again",
    );
  }
}

/**
 * Adopts a database whose schema already matches the files: records all files as applied, and the dump. Chunk intervals
 * and retention that a stack sets on hypertables are not compared. When the ledger already has all files, it records
 * the dump and the database's identity again, as needed after a move.
 * @returns the recorded files; undefined when {@link BaselineOptions.confirm} declined
 * @throws SchemaDiffersError listing every difference
 * @throws MigrationError when the ledger and the files disagree; nothing was changed
 */
export async function adoptDatabase(
  client: Client,
  files: readonly MigrationFile[],
  options: BaselineOptions,
): Promise<readonly string[] | undefined> {
  try {
    await prepareSession(client, options.owner);
    await checkServer(client, options.extensions);
    await takeLock(client, options.lockWaitMs ?? 60_000, options.say ?? (() => undefined));
    const missing = missingOf(files, await ledgerOf(client));
    await refuseDifferences(client, options.schema);
    if (!(await options.confirm(missing))) return undefined;
    // Confirmation may take an hour, and the lock excludes other runs, but not other users.
    await refuseDifferences(client, options.schema);
    await record(client, files, missing, options);
    return missing.map(({ name }) => name);
  } finally {
    await releaseLock(client);
  }
}

/** Empty when there is no ledger yet. */
async function ledgerOf(client: Client): Promise<readonly AppliedFile[]> {
  const there = await relationExists(client, `${LEDGER_SCHEMA}.applied`);
  return there ? readLedger(client) : [];
}

/**
 * Files that are not in the ledger. A ledger with only some files belongs to the runner: the rest must be applied, not
 * recorded.
 */
function missingOf(
  files: readonly MigrationFile[],
  applied: readonly AppliedFile[],
): readonly MigrationFile[] {
  const missing = pendingFiles(files, applied);
  const [first] = missing;
  if (first === undefined || applied.length === 0) return missing;
  throw new MigrationError(
    "ledger-differs",
    `the ledger has ${applied.length} of ${files.length} files, without ${first.name}: ` +
      "apply the missing files with `npm run up`. If the database was moved, run this " +
      "with the files of an earlier commit that it already has. Nothing was recorded",
  );
}

async function refuseDifferences(client: Client, expected: string): Promise<void> {
  const actual = await readCurrentSchema(client);
  const differences = diffSchemas(withoutStackFigures(expected), withoutStackFigures(actual));
  if (differences.length > 0) throw new SchemaDiffersError(differences);
}

/** Records in one transaction. */
async function record(
  client: Client,
  files: readonly MigrationFile[],
  missing: readonly MigrationFile[],
  { ledgerReaders, schema }: BaselineOptions,
): Promise<void> {
  const here = await readTargetIdentity(client);
  const place = (await readTargets(client)).at(-1);
  const moved = place === undefined || compareTargets(place, here) !== "same";
  try {
    await client.query("begin");
    await client.query(ledgerSql(client, ledgerReaders));
    for (const file of missing) await recordApplied(client, file, 0);
    await recordSchema(client, { dump: schema, files: files.map(({ name }) => name) });
    if (moved) await recordTarget(client, here);
    await client.query("commit");
  } catch (cause) {
    await client.query("rollback").catch(() => undefined);
    throw cause;
  }
}
