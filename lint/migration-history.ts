import { shortened, quoted } from "../components/text/printable";
import { DATABASES, type DatabaseName } from "../components/roles/plan/role-plan";
import { UsageError, UserError } from "../engine/engine";
import type { ParsedDatabase } from "./parsed";
import { type Finding, formatFinding } from "./findings";
import { ruleFindings } from "./rules/rules";

/** The name of each database's last old file, without folder. A database without an entry has no old files. */
export type Baseline = Readonly<Partial<Record<DatabaseName, string>>>;

/** The file names of each database in order, without folder. */
export type FileNames = Readonly<Record<DatabaseName, readonly string[]>>;

/** @throws UserError if a database or a file does not exist */
export function checkedBaseline(baseline: Baseline, names: FileNames): Baseline {
  // esbuild runs lint/baseline.ts without checking types.
  for (const name of Object.keys(baseline)) {
    if (DATABASES.some((database) => database === name)) continue;
    throw new UserError(
      `lint/baseline.ts: no database is named ${quoted(name)}. The databases are ${DATABASES.join(" and ")}.`,
    );
  }
  for (const database of DATABASES) {
    const last = baseline[database];
    if (last === undefined || names[database].includes(last)) continue;
    throw new UserError(
      `lint/baseline.ts: sql/${database} has no file ${quoted(last)}. ` +
        `Its last file is ${shortened(names[database].at(-1) ?? "none")}.`,
    );
  }
  return baseline;
}

/**
 * The baseline that `--since` names: `sark/000123`, `sql/sark/000123_some_words.sql`, or without the database if only
 * one has such a file.
 * @throws UsageError if no file or two files match
 */
export function baselineSince(given: string, names: FileNames): Baseline {
  const [, folder, name = ""] = /^(?:(?:sql\/)?(\w+)\/)?(\w+?)(?:\.sql)?$/.exec(given) ?? [];
  const found = DATABASES.filter((database) => folder === undefined || folder === database).flatMap(
    (database) =>
      names[database]
        .filter((file) => file === `${name}.sql` || isNumber(name, file))
        .map((file) => ({ database, file })),
  );
  const [only, ...others] = found;
  if (only === undefined) {
    const folders = DATABASES.map((database) => `sql/${database}`).join(" nor ");
    const last = DATABASES.map((each) => `${each}/${names[each].at(-1) ?? ""}`).join(" and ");
    throw new UsageError(
      `--since ${quoted(given)}: neither ${folders} has such a file. The last files are ${shortened(last, 200)}.`,
    );
  }
  if (others.length > 0) {
    const choices = found.map(({ database }) => `${database}/${name}`).join(" or ");
    throw new UsageError(
      `--since ${quoted(given)} matches a file of both databases: write ${shortened(choices, 200)}.`,
    );
  }
  return { [only.database]: only.file };
}

function isNumber(given: string, file: string): boolean {
  return /^\d{1,6}$/.test(given) && file.startsWith(`${given.padStart(6, "0")}_`);
}

/**
 * Returns whether a finding comes from the old files alone. A later file can also cause a finding in an old one, such
 * as a removed comment; that finding is not old.
 */
export function isOldFinding(
  database: ParsedDatabase,
  last: string | undefined,
): (finding: Finding) => boolean {
  // Compared by name, because the last old file may be unreadable.
  const files = database.files.filter(
    ({ migration }) => last !== undefined && migration.name <= last,
  );
  const paths = new Set(files.map(({ path }) => path));
  const found = new Set(ruleFindings({ ...database, files }).map(formatFinding));
  return (finding) =>
    paths.has(finding.file) &&
    (finding.rule.startsWith("squawk/") || found.has(formatFinding(finding)));
}
