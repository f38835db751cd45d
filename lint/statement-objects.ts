import type { Node } from "@pgsql/types";
import { siblingName, objectName, relationName } from "../components/sql-text/sql-names";
import type { Name } from "./model/schema";
import { TEMPORARY } from "../components/sql-text/temporary-names";
import { type NodeOf, nodesOf } from "../components/sql-text/parse-tree";

/** Relation kinds in `drop` statements. */
const RELATIONS = ["OBJECT_TABLE", "OBJECT_INDEX", "OBJECT_VIEW", "OBJECT_MATVIEW"];

/** The tables, views and indexes that a statement changes, locks or drops. */
export function changedObjects(node: Node): readonly Name[] {
  if ("TruncateStmt" in node || "LockStmt" in node) {
    const { relations } = "LockStmt" in node ? node.LockStmt : node.TruncateStmt;
    return nodesOf("RangeVar", relations).map(relationName);
  }
  if ("DropStmt" in node) {
    const { removeType = "", objects = [] } = node.DropStmt;
    return RELATIONS.includes(removeType) ? objects.map(objectName) : [];
  }
  if ("CreateStmt" in node) return [];
  const [statement] = Object.values(node) as { readonly relation?: NodeOf<"RangeVar"> }[];
  return statement?.relation === undefined ? [] : [relationName(statement.relation)];
}

/** The tables, views and indexes that a statement creates. */
export function createdObjects(node: Node): readonly Name[] {
  if ("CreateStmt" in node) return [relationName(node.CreateStmt.relation)];
  if ("CreateTableAsStmt" in node) return [relationName(node.CreateTableAsStmt.into?.rel)];
  if ("ViewStmt" in node) return [relationName(node.ViewStmt.view)];
  if ("SelectStmt" in node) {
    const { intoClause } = node.SelectStmt;
    return intoClause === undefined ? [] : [relationName(intoClause.rel)];
  }
  if ("IndexStmt" in node) {
    const { relation, idxname } = node.IndexStmt;
    return idxname === undefined ? [] : [siblingName(relationName(relation), idxname)];
  }
  return [];
}

/** Whether a statement creates or changes only temporary objects. */
export function isTemporary(node: Node): boolean {
  const about = [...changedObjects(node), ...createdObjects(node)];
  return about.length > 0 && about.every(isTemporaryName);
}

export function isTemporaryName(name: Name): boolean {
  return name.startsWith(`${TEMPORARY}.`);
}
