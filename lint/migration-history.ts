import { shortened, quoted } from "../components/text/printable";
import { DATABASES, type DatabaseName } from "../components/roles/plan/role-plan";
import { UsageError, UserError } from "../engine/engine";
import type { ParsedDatabase } from "./parsed";
import { type Finding, formatFinding } from "./findings";
import { ruleFindings } from "./rules/rules";

/** The last old file of a database, without folder. A database that is left out has no old files. */
export type Baseline = Readonly<Partial<Record<DatabaseName, string>>>;

/** The files of each database in order, without folder. */
export type FileNames = Readonly<Record<DatabaseName, readonly string[]>>;

/** @throws UserError where a database or a file is not there */
export function checkedBaseline(baseline: Baseline, names: FileNames): Baseline {
  // esbuild runs lint/baseline.ts without a look at its type.
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
 * The baseline that `--since` names: `sark/000123`, `sql/sark/000123_some_words.sql`, or without the database where only
 * one has such a file.
 * @throws UsageError for none or two
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
      `--since ${quoted(given)} is a file of two databases: write ${shortened(choices, 200)}.`,
    );
  }
  return { [only.database]: only.file };
}

function isNumber(given: string, file: string): boolean {
  return /^\d{1,6}$/.test(given) && file.startsWith(`${given.padStart(6, "0")}_`);
}

/**
 * Whether a finding is older than the files behind the last old one. A rule may also find in an old file what a later one
 * did to it; then the old files alone do not have the finding.
 */
export function oldFindings(
  database: ParsedDatabase,
  last: string | undefined,
): (finding: Finding) => boolean {
  // By its name, since the last old file may be one that cannot be read.
  const files = database.files.filter(
    ({ migration }) => last !== undefined && migration.name <= last,
  );
  const paths = new Set(files.map(({ path }) => path));
  const found = new Set(ruleFindings({ ...database, files }).map(formatFinding));
  return (finding) =>
    paths.has(finding.file) &&
    (finding.rule.startsWith("squawk/") || found.has(formatFinding(finding)));
}
