import { parsePath } from "../../engine/wire-diff";
import type { Plan, PlannedResource } from "../../engine/engine";
import { printable } from "../../components/text/printable";

/** Database to the migration files that a plan would apply, in their order: as the state knows it, without a connection. */
export function pendingMigrations(plan: Plan): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    plan.resources
      .filter(({ type }) => type.endsWith(":Migrations"))
      .map((resource) => [databaseOf(resource), pendingOf(resource)] as const)
      .filter(([, files]) => files.length > 0),
  );
}

/** As many names as fit beside each other. */
const MOST_NAMES = 4;

/**
 * `Pending migrations: sark 000007_some_words.sql, 000008_more_words.sql`, a line for each database. Of many files only
 * the first and the last are named: `sark 300 files, 000001_first.sql to 000300_last.sql`.
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
  // An applied file that changes is refused before there is a plan, so whatever changed is new.
  const changed = changes.map(({ path }) => parsePath(path));
  return all.filter((name) => changed.some(([input, file]) => input === "files" && file === name));
}

/** The folder of the files has its name. */
function databaseOf({ inputs }: PlannedResource): string {
  const { directory } = inputs;
  return typeof directory === "string" ? (directory.split("/").at(-1) ?? "") : "";
}
