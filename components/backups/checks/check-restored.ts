/** Checks of a restored server: whether it holds what was backed up, and whether it could take over. */
import type { Client } from "pg";
import type { RecordedSchema } from "../../migrations/runner/recorded-schema";
import type { DatabaseName } from "../../roles/plan/role-plan";
import { shortened } from "../../text/printable";
import { makeRecord } from "../make-record";
import type { CheckResult, Outcome } from "../plan/check-result";
import { type BackupRecord, compareRecords, differencesText } from "../plan/record";
import { checkCatalog } from "./check-catalog";
import { checkDigests } from "./check-digests";
import { checkPages } from "./check-pages";

export interface RestoredOptions {
  readonly database: DatabaseName;
  /** The record that was made with the backup. Without one, rows are not compared. */
  readonly record?: BackupRecord;
  /** `sql/<database>.golden.txt` and the migration files that make it. */
  readonly golden: RecordedSchema;
  /** The time that was restored to, and how many seconds before it the newest row may be. */
  readonly recoveryPoint?: { readonly time: string; readonly seconds: number };
  /** False for a server without the extension amcheck, such as the embedded TimescaleDB. @default true */
  readonly pages?: boolean;
}

/**
 * Runs every check, also after one failed. Nothing is changed: what the checks create is rolled back.
 * @param client a superuser's session in the restored database, which accepts writes
 */
export async function checkRestored(
  client: Client,
  options: RestoredOptions,
): Promise<readonly CheckResult[]> {
  const { record, recoveryPoint, database, golden, pages = true } = options;
  let restored: BackupRecord | undefined;
  const results = [
    await check("rows", async () => {
      restored = await makeRecord(client, 0);
      return checkRows(restored, record);
    }),
  ];
  if (restored !== undefined && recoveryPoint !== undefined) {
    results.push({ name: "newest row", ...checkNewest(restored, recoveryPoint, record) });
  }
  results.push(await check("catalog", () => checkCatalog(client, golden)));
  if (pages) results.push(await check("pages", () => checkPages(client)));
  if (database === "sark_audit") results.push(await check("digests", () => checkDigests(client)));
  return results;
}

async function check(name: string, run: () => Promise<Outcome>): Promise<CheckResult> {
  try {
    return { name, ...(await run()) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { name, passed: false, detail: `could not be checked: ${shortened(reason)}` };
  }
}

function checkRows(restored: BackupRecord, record: BackupRecord | undefined): Outcome {
  const { tables } = restored;
  const rows = tables.reduce((sum, each) => sum + each.rows, 0);
  const amount = `${tables.length} tables with ${rows} rows`;
  if (record === undefined) {
    return {
      passed: true,
      detail: `${amount} can be read; there is no record to compare them with`,
    };
  }
  const { database, time, exact } = record;
  if (database !== restored.database) {
    const detail = `the record is of the database ${database}, not of ${restored.database}`;
    return { passed: false, detail };
  }
  const differences = compareRecords(record, tables);
  if (differences.length > 0) return { passed: false, detail: differencesText(differences) };
  return {
    passed: true,
    detail: exact
      ? `${amount}, each row as in the record of ${time}`
      : `${amount}, about as many as in the record of ${time}, which was made while transactions wrote`,
  };
}

/** An idle database has no recent rows; its record tells which one was the newest. */
function checkNewest(
  { newest }: BackupRecord,
  { time, seconds }: NonNullable<RestoredOptions["recoveryPoint"]>,
  record: BackupRecord | undefined,
): Outcome {
  if (newest === undefined)
    return { passed: record?.newest === undefined, detail: "there is no row" };
  const age = Math.round((Date.parse(time) - Date.parse(newest)) / 1000);
  const detail = `the newest row is of ${newest}, ${age} s before the time that was restored to`;
  const known = record?.newest !== undefined && record.newest <= newest;
  if (age <= seconds) return { passed: true, detail };
  if (known) return { passed: true, detail: `${detail}; the record has no newer one` };
  return { passed: false, detail: `${detail}; the recovery point allows ${seconds} s` };
}
