import { parsePath } from "./embedded/diff";
import type { Plan, PlannedResource } from "./engine";
import { printable } from "../components/lib/printable";

/** Database to the migration files that a plan would apply, in their order: as the state knows it, without a connection. */
export function pendingMigrations(plan: Plan): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    plan.resources
      .filter(({ type }) => type.endsWith(":Migrations"))
      .map((resource) => [databaseOf(resource), pendingOf(resource)] as const)
      .filter(([, files]) => files.length > 0),
  );
}

/** `Pending migrations: sark 000007_some_words.sql, 000008_more_words.sql`, a line for each database. */
export function pendingLines(plan: Plan): readonly string[] {
  return Object.entries(pendingMigrations(plan)).map(
    ([database, files]) => `Pending migrations: ${printable(`${database} ${files.join(", ")}`)}`,
  );
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
