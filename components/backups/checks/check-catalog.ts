import type { Client } from "pg";
import { diffSchemas, differenceLines, differenceSum } from "../../database-layer/plan/schema-diff";
import { withoutStackFigures } from "../../hypertables/plan/dump-figures";
import { readLedger } from "../../migrations/runner/ledger";
import {
  readCurrentSchema,
  readRecordedSchema,
  type RecordedSchema,
} from "../../migrations/runner/recorded-schema";
import type { Outcome } from "../plan/check-result";

/**
 * Compares the catalog with the golden dump. A backup from before the newest migrations is compared with the dump that
 * the last run recorded in the database.
 */
export async function checkCatalog(client: Client, golden: RecordedSchema): Promise<Outcome> {
  const applied = (await readLedger(client)).map(({ name }) => name);
  const isFor = ({ files }: RecordedSchema) => files.join() === applied.join();
  const wanted = [golden, await readRecordedSchema(client)].find(
    (each) => each !== undefined && isFor(each),
  );
  const files = `${applied.length} migration files`;
  if (wanted === undefined) {
    const detail = `it has ${files}, which are neither those of this checkout nor of the last run`;
    return { passed: false, detail };
  }
  const actual = await readCurrentSchema(client);
  const differences = diffSchemas(withoutStackFigures(wanted.dump), withoutStackFigures(actual));
  if (differences.length > 0) {
    const lines = differenceLines(differences, { objects: 3, lines: 2 }).map((line) => line.trim());
    return { passed: false, detail: `${differenceSum(differences)}: ${lines.join("; ")}` };
  }
  const which = wanted === golden ? "this checkout" : "the run before the backup";
  return { passed: true, detail: `as the ${files} of ${which} make it` };
}
