import type { Node } from "@pgsql/types";
import type { ParsedStatement, SourceLine } from "../parsed";
import { type NodeOf, names, nodesOf } from "../../components/sql-text/parse-tree";
import { isSerial } from "../column-definitions";
import { addConstraints, hasConstraint } from "./constraints";
import type { PendingConstraint } from "./schema";
import { dropColumn, dropConstraint } from "./drop";
import { becomePartition, childrenOf, inherit, detach } from "./inheritance";
import { copyLike } from "./like";
import { siblingName, relationName, typeText } from "../../components/sql-text/sql-names";
import { newName } from "./new-names";
import { indexName } from "./table-indexes";
import type { Column, Name, Relation, RelationKind, Schema } from "./schema";

export function addRelation(
  schema: Schema,
  name: Name,
  kind: RelationKind,
  { file, line }: SourceLine,
  { withData = false, isPartitioned = false } = {},
): Relation {
  const relation: Relation = {
    name,
    kind,
    place: { file, line },
    columns: new Map(),
    parents: [],
    isPartition: false,
    isDefaultPartition: false,
    isPartitioned,
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
  const isPartitioned = node.partspec !== undefined;
  const relation = addRelation(schema, name, "table", statement, { isPartitioned });
  for (const [column, each] of schema.types.get(typeText(node.ofTypename)) ?? []) {
    relation.columns.set(column, each);
  }
  for (const parent of nodesOf("RangeVar", node.inhRelations)) {
    const whole = relationName(parent);
    if (node.partbound === undefined) inherit(schema, relation, whole);
    else becomePartition(schema, relation, whole, node.partbound);
  }
  addElements(schema, name, statement, [...(node.tableElts ?? []), ...(node.constraints ?? [])]);
}

/** `alter table`. `timescale-calls.ts` applies its options. */
export function alterTable(
  schema: Schema,
  statement: ParsedStatement,
  node: NodeOf<"AlterTableStmt">,
): void {
  const table = relationName(node.relation);
  const commands = nodesOf("AlterTableCmd", node.cmds);
  const { file, line } = statement;
  // PostgreSQL runs drops first, regardless of their order.
  for (const { subtype, name = "" } of commands) {
    if (subtype === "AT_DropColumn") dropColumn(schema, { file, line }, table, name);
    if (subtype === "AT_DropConstraint") dropConstraint(schema, { file, line }, table, name);
  }
  for (const { subtype, name = "", def } of commands) {
    if (subtype !== "AT_AlterColumnType" || def === undefined || !("ColumnDef" in def)) continue;
    const { typeName, location } = def.ColumnDef;
    const place = { file, line: statement.lineAt(location) };
    setColumn(schema, table, { name, type: typeText(typeName), place });
  }
  const added = commands.flatMap(({ subtype, def, missing_ok }) =>
    def !== undefined &&
    (subtype === "AT_AddConstraint" || subtype === "AT_AddColumn") &&
    !((missing_ok === true || statement.isConditional) && hasColumn(schema, table, def))
      ? [def]
      : [],
  );
  addElements(schema, table, statement, added, node.relation?.inh !== true);
  for (const { subtype, def } of commands) changeParents(schema, table, subtype, def);
}

function hasColumn(schema: Schema, table: Name, def: Node): boolean {
  const name = "ColumnDef" in def ? (def.ColumnDef.colname ?? "") : "";
  return schema.relations.get(table)?.columns.has(name) === true;
}

/** `attach partition`, `detach partition`, `inherit` and `no inherit`. */
function changeParents(
  schema: Schema,
  table: Name,
  subtype: NodeOf<"AlterTableCmd">["subtype"],
  def: Node | undefined,
): void {
  if (def === undefined) return;
  if ("PartitionCmd" in def) {
    const { bound } = def.PartitionCmd;
    const name = relationName(def.PartitionCmd.name);
    const partition = schema.relations.get(name);
    if (partition === undefined) {
      attachIndex(schema, name);
      return;
    }
    if (subtype === "AT_AttachPartition") becomePartition(schema, partition, table, bound);
    else detach(schema, partition, table);
  }
  const child = schema.relations.get(table);
  if (!("RangeVar" in def) || child === undefined) return;
  const parent = relationName(def.RangeVar);
  if (subtype === "AT_AddInherit") inherit(schema, child, parent);
  if (subtype === "AT_DropInherit") detach(schema, child, parent);
}

/** `alter index ... attach partition`. */
function attachIndex(schema: Schema, name: Name): void {
  for (const index of schema.indexes) if (indexName(index) === name) index.inherited = true;
}

/** Adds the columns and constraints of one statement. */
function addElements(
  schema: Schema,
  table: Name,
  statement: ParsedStatement,
  elements: readonly Node[],
  only = false,
): void {
  const constraints: PendingConstraint[] = [];
  const pending = (
    place: SourceLine,
    node: NodeOf<"Constraint">,
    columns: readonly string[],
  ): void => {
    constraints.push({ node, name: node.conname, columns, place, excludesPartitions: only });
  };
  const placeOf = (location: number | undefined): SourceLine => ({
    file: statement.file,
    line: statement.lineAt(location),
  });
  for (const element of elements) {
    if ("Constraint" in element) {
      const { keys, fk_attrs, location } = element.Constraint;
      pending(placeOf(location), element.Constraint, names(fk_attrs ?? keys));
    }
    if (!("ColumnDef" in element)) continue;
    const place = placeOf(element.ColumnDef.location);
    addColumn(schema, table, place, element.ColumnDef);
    for (const each of nodesOf("Constraint", element.ColumnDef.constraints)) {
      pending(place, each, [element.ColumnDef.colname ?? ""]);
    }
  }
  addConstraints(
    schema,
    table,
    constraints.filter(
      ({ name }) => !statement.isConditional || !hasConstraint(schema, table, name),
    ),
  );
  for (const like of nodesOf("TableLikeClause", elements)) copyLike(schema, table, statement, like);
}

function addColumn(
  schema: Schema,
  table: Name,
  place: SourceLine,
  node: NodeOf<"ColumnDef">,
): void {
  const { colname = "", typeName, constraints = [] } = node;
  const type = typeText(typeName);
  // A partition or a typed table may list an existing column, without a type, to add constraints.
  if (typeName !== undefined) setColumn(schema, table, { name: colname, type, place });
  const isIdentity = nodesOf("Constraint", constraints).some(
    ({ contype }) => contype === "CONSTR_IDENTITY",
  );
  if (isSerial(node) || isIdentity) addSequence(schema, table, colname);
}

function setColumn(schema: Schema, table: Name, column: Column): void {
  schema.relations.get(table)?.columns.set(column.name, column);
  for (const child of childrenOf(schema, table)) setColumn(schema, child.name, column);
}

/** Adds the sequence of a serial or identity column. */
function addSequence(schema: Schema, table: Name, column: string): void {
  const name = siblingName(table, newName(schema, table, [column], "seq"));
  schema.sequences.set(name, { table, column });
}
