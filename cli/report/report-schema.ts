import { differenceLines, differenceSum } from "../../components/database-layer/plan/schema-diff";
import type { DatabaseDrift } from "./database-drift";
import { printable } from "../../components/text/printable";

/** `Schema drift in sark: ~ 1 changed.`; undefined where nothing differs. */
export function schemaSentence({ database, schema }: DatabaseDrift): string | undefined {
  const { differences } = schema;
  return differences.length === 0
    ? undefined
    : `Schema drift in ${printable(database)}: ${differenceSum(differences)}.`;
}

/** What differs in one database, a line each, as many as fit into a report. */
export function schemaDetails({ schema }: DatabaseDrift): readonly string[] {
  return differenceLines(schema.differences).map((line) => `  ${line}`);
}

/** For `--json`: the first 100 objects, of each the first 50 lines, and how many objects there are in all. */
export function schemaDocument({ database, schema: { differences, note } }: DatabaseDrift): object {
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
