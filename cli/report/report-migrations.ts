import { parsePath } from "../../engine/wire-diff";
import type { Plan, PlannedResource } from "../../engine/engine";
import { printable } from "../../components/text/printable";

/** Migration files that a plan would apply, in order, by database. Taken from the state, without a connection. */
export function pendingMigrations(plan: Plan): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    plan.resources
      .filter(({ type }) => type.endsWith(":Migrations"))
      .map((resource) => [databaseOf(resource), pendingOf(resource)] as const)
      .filter(([, files]) => files.length > 0),
  );
}

/** Maximum names on one line. */
const MOST_NAMES = 4;

/**
 * One line for each database: `Pending migrations: sark 000007_some_words.sql, 000008_more_words.sql`. If there are
 * many files, only the first and the last are named: `sark 300 files, 000001_first.sql to 000300_last.sql`.
 */
export function pendingLines(plan: Plan): readonly string[] {
  return Object.entries(pendingMigrations(plan)).map(
    ([database, files]) => `Pending migrations: ${printable(`${database} ${named(files)}`)}`,
  );
}

function named(files: readonly string[]): string {
  if (files.length <= MOST_NAMES) return files.join(", ");
  return `${files.length} files, ${files[0] ?? ""} to ${files.at(-1) ?? ""}`;
}

function pendingOf({ op, inputs, changes }: PlannedResource): readonly string[] {
  const { files } = inputs;
  const all = typeof files === "object" && files !== null ? Object.keys(files).sort() : [];
  if (op === "create" || op === "replace") return all;
  // A change of an applied file is refused before the plan, so a changed file is new.
  const changed = changes.map(({ path }) => parsePath(path));
  return all.filter((name) => changed.some(([input, file]) => input === "files" && file === name));
}

/** The database's name is the folder's name. */
function databaseOf({ inputs }: PlannedResource): string {
  const { directory } = inputs;
  return typeof directory === "string" ? (directory.split("/").at(-1) ?? "") : "";
}
