import { names, textWithoutPositions, walk } from "../../components/sql-text/parse-tree";
import { addConstraintIndex } from "./index-changes";
import { propagateCheck, propagateForeignKey } from "./inheritance";
import { relationName } from "../../components/sql-text/sql-names";
import { newName } from "./new-names";
import type { Name, PendingConstraint, Schema } from "./schema";

/** Adds the constraints of one statement, in PostgreSQL's order, because generated names depend on earlier names. */
export function addConstraints(
  schema: Schema,
  table: Name,
  all: readonly PendingConstraint[],
): void {
  const ofKind = (...kinds: readonly string[]) =>
    all.filter(({ node }) => kinds.includes(node.contype ?? ""));
  for (const each of ofKind("CONSTR_CHECK")) addCheck(schema, table, each);
  const keys = [...ofKind("CONSTR_PRIMARY"), ...ofKind("CONSTR_UNIQUE", "CONSTR_EXCLUSION")].reduce(
    merged,
    [],
  );
  for (const each of keys) addConstraintIndex(schema, table, each);
  for (const each of ofKind("CONSTR_FOREIGN")) addForeignKey(schema, table, each);
}

export function hasConstraint(schema: Schema, table: Name, name: string | undefined): boolean {
  const { indexes, foreignKeys, checks } = schema;
  const keys = indexes.filter(({ constraint }) => constraint !== undefined);
  return [...keys, ...foreignKeys, ...checks].some(
    (each) => each.table === table && each.name === name,
  );
}

/** Merges equal keys of one statement, as PostgreSQL does, and keeps the name that either has. */
function merged(
  before: readonly PendingConstraint[],
  key: PendingConstraint,
): readonly PendingConstraint[] {
  const prior = before.find((each) => definition(each) === definition(key));
  if (prior === undefined) return [...before, key];
  return before.map((each) => (each === prior ? { ...each, name: each.name ?? key.name } : each));
}

function definition({ node, columns }: PendingConstraint): string {
  const { indexname, including, deferrable, initdeferred, exclusions, where_clause } = node;
  const { nulls_not_distinct, access_method } = node;
  const rest = { indexname, including, deferrable, initdeferred, exclusions, where_clause };
  return textWithoutPositions({ columns, nulls_not_distinct, access_method, ...rest });
}

function addForeignKey(
  schema: Schema,
  table: Name,
  { node, name, columns, place }: PendingConstraint,
): void {
  const key = {
    name: name ?? newName(schema, table, columns, "fkey"),
    table,
    columns,
    referenced: relationName(node.pktable),
    place,
    inherited: false,
  };
  schema.foreignKeys = [...schema.foreignKeys, key];
  propagateForeignKey(schema, key);
}

function addCheck(schema: Schema, table: Name, { node, name }: PendingConstraint): void {
  const mentioned = new Set<string>();
  walk(node.raw_expr, {
    ColumnRef: ({ fields }) => mentioned.add(names(fields).at(-1) ?? ""),
  });
  const columns = [...mentioned];
  const only = columns.length === 1 ? columns : [];
  const check = { name: name ?? newName(schema, table, only, "check"), table, columns };
  schema.checks = [...schema.checks, check];
  if (node.is_no_inherit !== true) propagateCheck(schema, check);
}
