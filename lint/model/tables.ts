import type { Node } from "@pgsql/types";
import type { ParsedStatement, Place } from "../database";
import { type NodeOf, names } from "../walk";
import { addConstraintIndex } from "./indexes";
import { relationName, typeText } from "./names";
import type { Name, Relation, RelationKind, Schema } from "./schema";

export function addRelation(
  schema: Schema,
  name: Name,
  kind: RelationKind,
  { file, line }: Place,
  withData = false,
): Relation {
  const relation: Relation = {
    name,
    kind,
    place: { file, line },
    columns: new Map(),
    commented: false,
    withData,
  };
  schema.relations.set(name, relation);
  return relation;
}

/** `create table`. */
export function addTable(
  schema: Schema,
  statement: ParsedStatement,
  node: NodeOf<"CreateStmt">,
): void {
  const name = relationName(node.relation);
  addRelation(schema, name, "table", statement);
  for (const element of [...(node.tableElts ?? []), ...(node.constraints ?? [])]) {
    addElement(schema, name, statement, element);
  }
}

/** `alter table`; what it does to options is TimescaleDB's, in its own module. */
export function alterTable(
  schema: Schema,
  statement: ParsedStatement,
  node: NodeOf<"AlterTableStmt">,
): void {
  const table = relationName(node.relation);
  for (const each of node.cmds ?? []) {
    if (!("AlterTableCmd" in each)) continue;
    const { subtype, name = "", def } = each.AlterTableCmd;
    if (subtype === "AT_AddColumn" || subtype === "AT_AddConstraint") {
      if (def !== undefined) addElement(schema, table, statement, def);
    } else if (subtype === "AT_AlterColumnType") {
      if (def !== undefined && "ColumnDef" in def) {
        setColumn(schema, table, statement, { ...def.ColumnDef, colname: name });
      }
    } else if (subtype === "AT_DropColumn") {
      dropColumn(schema, table, name);
    } else if (subtype === "AT_DropConstraint") {
      schema.indexes = schema.indexes.filter(
        (index) => index.table !== table || index.name !== name,
      );
      schema.foreignKeys = schema.foreignKeys.filter(
        (key) => key.table !== table || key.name !== name,
      );
    }
  }
}

/** With the column go the indexes and foreign keys that it is in. */
function dropColumn(schema: Schema, table: Name, column: string): void {
  schema.relations.get(table)?.columns.delete(column);
  schema.indexes = schema.indexes.filter(
    ({ table: of, keys, including }) =>
      of !== table || !(keys.some(({ value }) => value === column) || including.includes(column)),
  );
  schema.foreignKeys = schema.foreignKeys.filter(
    (key) => key.table !== table || !key.columns.includes(column),
  );
}

function addElement(schema: Schema, table: Name, statement: ParsedStatement, node: Node): void {
  const placeOf = (location: number | undefined): Place => ({
    file: statement.file,
    line: statement.lineAt(location),
  });
  if ("Constraint" in node) {
    const { keys, fk_attrs, location } = node.Constraint;
    addConstraint(schema, table, placeOf(location), node.Constraint, names(fk_attrs ?? keys));
  }
  if (!("ColumnDef" in node)) return;
  const { colname = "", constraints, location } = node.ColumnDef;
  const place = placeOf(location);
  setColumn(schema, table, statement, node.ColumnDef);
  for (const each of constraints ?? []) {
    if ("Constraint" in each) addConstraint(schema, table, place, each.Constraint, [colname]);
  }
}

function setColumn(
  schema: Schema,
  table: Name,
  { file, lineAt }: ParsedStatement,
  { colname = "", typeName, location }: NodeOf<"ColumnDef">,
): void {
  schema.relations.get(table)?.columns.set(colname, {
    name: colname,
    type: typeText(typeName),
    place: { file, line: lineAt(location) },
  });
}

function addConstraint(
  schema: Schema,
  table: Name,
  place: Place,
  node: NodeOf<"Constraint">,
  columns: readonly string[],
): void {
  if (node.contype === "CONSTR_PRIMARY" || node.contype === "CONSTR_UNIQUE") {
    addConstraintIndex(schema, table, place, node, columns);
  }
  if (node.contype !== "CONSTR_FOREIGN") return;
  const key = { name: node.conname, table, columns, referenced: relationName(node.pktable), place };
  schema.foreignKeys = [...schema.foreignKeys, key];
}
