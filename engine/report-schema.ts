import { differenceLines, differenceSum } from "../components/lib/schema-diff";
import type { SchemaDrift } from "./schema-drift";
import type { Terminal } from "./terminal";
import { printable } from "../components/lib/printable";

/** True if any database is not what its files make. */
export function hasDrifted(schemas: readonly SchemaDrift[]): boolean {
  return schemas.some(({ differences }) => differences.length > 0);
}

/** A sentence for each database that was looked at, or could not be. */
export function schemaSentences(schemas: readonly SchemaDrift[]): readonly string[] {
  const same = schemas.filter(
    ({ note, differences }) => note === undefined && differences.length === 0,
  );
  return [
    ...schemas
      .filter(({ differences }) => differences.length > 0)
      .map(
        ({ database, differences }) =>
          `Schema drift in ${database}: ${differenceSum(differences)}.`,
      ),
    ...schemas
      .filter(({ note }) => note !== undefined)
      .map(
        ({ database, note = "" }) =>
          `The schema of ${database} was not compared: ${printable(note)}.`,
      ),
    ...(same.length > 0
      ? [`No schema drift in ${same.map(({ database }) => database).join(", ")}.`]
      : []),
  ];
}

/** What differs in one database, a line each, as many as fit into a report. */
export function schemaDetails({ differences }: SchemaDrift): readonly string[] {
  return differenceLines(differences).map((line) => `  ${line}`);
}

/** For `--json`: the first 100 objects, of each the first 50 lines, and how many objects there are in all. */
export function schemaDocument({ database, differences, note }: SchemaDrift): object {
  return {
    database,
    objects: differences.length,
    differences: differences.slice(0, 100).map(({ object, kind, missing, foreign }) => ({
      ...{ object, kind },
      ...{ missing: missing.slice(0, 50), foreign: foreign.slice(0, 50) },
    })),
    ...(note === undefined ? {} : { note }),
  };
}

export function printSchemas(schemas: readonly SchemaDrift[], terminal: Terminal): void {
  for (const schema of schemas) {
    const [sentence = ""] = schemaSentences([schema]);
    const drifted = hasDrifted([schema]);
    terminal.line(drifted || schema.note ? terminal.paint("yellow", sentence) : sentence);
    for (const line of schemaDetails(schema)) terminal.line(line);
  }
}
