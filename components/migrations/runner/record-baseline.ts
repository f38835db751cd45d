import type { Client } from "pg";
import { MigrationError } from "../plan/errors";
import type { MigrationFile } from "../plan/migration-files";
import { pendingFiles } from "../plan/migration-plan";
import { compareTargets, type RequiredExtension } from "../plan/target-identity";
import { withoutFigures } from "../../hypertables/plan/figures-of-dump";
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
import { readPresentSchema, recordSchema } from "./recorded";
import { prepareSession } from "./migration-session";
import { checkServer, identify } from "./target";

/** What {@link adoptDatabase} needs to know besides the files. */
export interface BaselineOptions {
  /** Role that owns the ledger, and what the files would have made. */
  readonly owner: string;
  /** Roles that may read the ledger. */
  readonly ledgerReaders: readonly string[];
  /** Extensions that the files use. */
  readonly extensions: readonly RequiredExtension[];
  /** The golden dump of the files. */
  readonly schema: string;
  /** Asked before anything is recorded, with the files that are not in the ledger yet. */
  readonly confirm: (missing: readonly MigrationFile[]) => Promise<boolean>;
  /** How long to wait for a run to finish, in ms. Default 1 minute. */
  readonly lockWaitMs?: number;
  /** Told what it waits for. Default: nobody. */
  readonly say?: (text: string) => void;
}

/** A database that cannot be adopted: it is not what the files make. Nothing was changed. */
export class SchemaDiffersError extends MigrationError {
  constructor(readonly differences: readonly SchemaDifference[]) {
    const lines = differenceLines(differences, { objects: 100, lines: 50, width: 1000 });
    super(
      "schema-differs",
      `the database is not what the files make (${differenceSum(differences)}):\n` +
        lines.map((line) => `  ${line}\n`).join("") +
        "Nothing was recorded. Bring the database to what the files make, and run this again",
    );
  }
}

/**
 * Records all files as applied in a database that is already what they make, and the dump with them. What a stack sets
 * on hypertables is not compared. Where the ledger has all files already, the dump and the place of the database are
 * recorded anew: the way on for a database that was moved.
 * @returns the files that were recorded; undefined when {@link BaselineOptions.confirm} said no
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
    // Whoever was asked may have taken an hour, and the lock keeps other runs away, not other people.
    await refuseDifferences(client, options.schema);
    await record(client, files, missing, options);
    return missing.map(({ name }) => name);
  } finally {
    await releaseLock(client);
  }
}

/** Empty where there is no ledger yet. */
async function ledgerOf(client: Client): Promise<readonly AppliedFile[]> {
  const there = await relationExists(client, `${LEDGER_SCHEMA}.applied`);
  return there ? readLedger(client) : [];
}

/** A ledger with some of the files belongs to the runner: what is missing in it is to be applied, not to be taken for applied. */
function missingOf(
  files: readonly MigrationFile[],
  applied: readonly AppliedFile[],
): readonly MigrationFile[] {
  const missing = pendingFiles(files, applied);
  const [first] = missing;
  if (first === undefined || applied.length === 0) return missing;
  throw new MigrationError(
    "ledger-differs",
    `the ledger has ${applied.length} of ${files.length} files, and ${first.name} is not among them: ` +
      "what is not recorded in a ledger is still to be applied, by `npm run up`. If the database was moved, run this " +
      "with the files that it has, of an earlier commit. Nothing was recorded",
  );
}

async function refuseDifferences(client: Client, expected: string): Promise<void> {
  const actual = await readPresentSchema(client);
  const differences = diffSchemas(withoutFigures(expected), withoutFigures(actual));
  if (differences.length > 0) throw new SchemaDiffersError(differences);
}

/** All or nothing. */
async function record(
  client: Client,
  files: readonly MigrationFile[],
  missing: readonly MigrationFile[],
  { ledgerReaders, schema }: BaselineOptions,
): Promise<void> {
  const here = await identify(client);
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
