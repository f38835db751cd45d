import { generatedName, type Suffix } from "./generated-names";
import { bareName, siblingName } from "../../components/sql-text/sql-names";
import type { Index, Name, Schema } from "./schema";

const OF_RELATIONS: readonly Suffix[] = ["pkey", "key", "excl", "idx", "seq"];
const OF_CONSTRAINTS: readonly Suffix[] = ["pkey", "key", "excl", "fkey", "check"];

/** The name that PostgreSQL generates for an unnamed object of a table: the first free one in the table's schema. */
export function newName(
  schema: Schema,
  table: Name,
  columns: readonly string[],
  suffix: Suffix,
): string {
  return generatedName(bareName(table), columns, suffix, (candidate) => {
    const name = siblingName(table, candidate);
    return (
      (OF_RELATIONS.includes(suffix) && isRelation(schema, name)) ||
      (OF_CONSTRAINTS.includes(suffix) && isConstraint(schema, name))
    );
  });
}

/** @param columnNames the index's own column names */
export function newIndexName(
  schema: Schema,
  table: Name,
  constraint: Index["constraint"],
  columnNames: readonly string[],
): string {
  if (constraint === "primary key") return newName(schema, table, [], "pkey");
  const suffix = constraint === undefined ? "idx" : constraint === "unique" ? "key" : "excl";
  return newName(schema, table, columnNames, suffix);
}

/** Whether a table, a view, an index, a sequence or a composite type has the name. */
export function isRelation({ relations, indexes, sequences, types }: Schema, name: Name): boolean {
  return (
    relations.has(name) || sequences.has(name) || types.has(name) || indexes.some(isNamed(name))
  );
}

function isConstraint({ indexes, foreignKeys, checks }: Schema, name: Name): boolean {
  const named = isNamed(name);
  return (
    foreignKeys.some(named) ||
    checks.some(named) ||
    indexes.some((index) => index.constraint !== undefined && named(index))
  );
}

/** Returns whether an object of a table has the name. Compares unqualified names first, which is faster. */
export function isNamed(
  name: Name,
): (each: { readonly table: Name; readonly name: string }) => boolean {
  const bare = bareName(name);
  return (each) => each.name === bare && siblingName(each.table, bare) === name;
}
