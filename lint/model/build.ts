import type { ParsedDatabase, ParsedStatement } from "../parsed";
import { TEMPORARY } from "../../components/sql-text/temporary-names";
import { type NodeOf, nodesOf } from "../../components/sql-text/parse-tree";
import { createdObjects } from "../statement-objects";
import { drop, dropRelation } from "./drop";
import { addFunction, alterFunction } from "./functions";
import { addIndex } from "./index-changes";
import { objectName, relationName, typeText } from "../../components/sql-text/sql-names";
import { namedObjects } from "./named";
import { isRelation } from "./new-names";
import { addQueryColumns } from "./query-columns";
import { moveRelation, rename } from "./rename";
import { type Column, type Schema, emptySchema } from "./schema";
import { addRelation, addTable, alterTable } from "./table-changes";
import { applyCalls, applyOptions, applyTableOptions, timescaleOptions } from "./timescale-calls";

/** Builds the schema that the files of a database create, file by file. */
export function buildSchema({ files }: ParsedDatabase): Schema {
  const schema = emptySchema();
  for (const { statements } of files) {
    for (const statement of statements) {
      schema.named.set(statement, namedObjects(schema, statement));
      if (!existsAlready(schema, statement)) apply(schema, statement);
    }
    for (const name of [...schema.relations.keys()]) {
      if (name.startsWith(`${TEMPORARY}.`)) dropRelation(schema, name);
    }
  }
  return schema;
}

/** Whether a statement does nothing because its object exists already. */
function existsAlready(schema: Schema, { node, isConditional }: ParsedStatement): boolean {
  const [options] = Object.values(node) as {
    readonly if_not_exists?: boolean;
    readonly replace?: boolean;
  }[];
  const mayExist = isConditional || options?.if_not_exists === true || options?.replace === true;
  return mayExist && createdObjects(node).some((name) => isRelation(schema, name));
}

function apply(schema: Schema, statement: ParsedStatement): void {
  const { node } = statement;
  if ("CreateStmt" in node) {
    addTable(schema, statement, node.CreateStmt);
    applyTableOptions(schema, statement, node.CreateStmt);
  } else if ("CreateTableAsStmt" in node) {
    addTableAs(schema, statement, node.CreateTableAsStmt);
  } else if ("SelectStmt" in node) {
    addSelectInto(schema, statement, node.SelectStmt);
  } else if ("CreateSeqStmt" in node) {
    schema.sequences.set(relationName(node.CreateSeqStmt.sequence), undefined);
  } else if ("CompositeTypeStmt" in node) {
    addType(schema, statement, node.CompositeTypeStmt);
  } else if ("ViewStmt" in node) {
    addRelation(schema, relationName(node.ViewStmt.view), "view", statement);
  } else if ("AlterTableStmt" in node) {
    alterTable(schema, statement, node.AlterTableStmt);
    applyOptions(schema, node.AlterTableStmt);
  } else if ("IndexStmt" in node) {
    addIndex(schema, statement, node.IndexStmt);
  } else if ("CreateFunctionStmt" in node) {
    addFunction(schema, statement, node.CreateFunctionStmt);
  } else if ("AlterFunctionStmt" in node) {
    alterFunction(schema, node.AlterFunctionStmt);
  } else if ("DropStmt" in node) {
    drop(schema, { file: statement.file, line: statement.line }, node.DropStmt);
  } else if ("RenameStmt" in node) {
    rename(schema, node.RenameStmt);
  } else if ("AlterObjectSchemaStmt" in node) {
    moveRelation(schema, node.AlterObjectSchemaStmt);
  } else if ("CommentStmt" in node) {
    const relation = schema.relations.get(objectName(node.CommentStmt.object));
    // "comment on table t is null" removes the comment.
    if (relation !== undefined) relation.commented = (node.CommentStmt.comment ?? "") !== "";
  }
  applyCalls(schema, statement);
}

function addTableAs(
  schema: Schema,
  statement: ParsedStatement,
  { into, objtype, query }: NodeOf<"CreateTableAsStmt">,
): void {
  const name = relationName(into?.rel);
  if (objtype !== "OBJECT_MATVIEW") {
    addQueryColumns(schema, addRelation(schema, name, "table", statement), query, into);
    return;
  }
  const continuous = timescaleOptions(into?.options).get("continuous") === "true";
  const kind = continuous ? "continuous aggregate" : "materialized view";
  addRelation(schema, name, kind, statement, { withData: into?.skipData !== true });
}

/** `select ... into`, an older way to write `create table as`. */
function addSelectInto(
  schema: Schema,
  statement: ParsedStatement,
  { intoClause }: NodeOf<"SelectStmt">,
): void {
  if (intoClause === undefined) return;
  const relation = addRelation(schema, relationName(intoClause.rel), "table", statement);
  addQueryColumns(schema, relation, statement.node, intoClause);
}

function addType(
  schema: Schema,
  { file, lineAt }: ParsedStatement,
  { typevar, coldeflist }: NodeOf<"CompositeTypeStmt">,
): void {
  const columns = nodesOf("ColumnDef", coldeflist).map((column): [string, Column] => {
    const { colname: name = "", typeName, location } = column;
    return [name, { name, type: typeText(typeName), place: { file, line: lineAt(location) } }];
  });
  schema.types.set(relationName(typevar), new Map(columns));
}
