import type { Node } from "@pgsql/types";
import type { ParsedStatement } from "./database";
import { bareName, beside, objectName, relationName } from "../components/lib/sql/names";
import type { Name } from "./model/schema";
import { TEMPORARY } from "../components/lib/sql/temporary-names";
import type { NodeOf } from "../components/lib/sql/walk";

/** Kinds of relations. */
const RELATIONS = ["OBJECT_TABLE", "OBJECT_INDEX", "OBJECT_VIEW", "OBJECT_MATVIEW"];

/** The tables, views and indexes that a statement changes, locks or drops. */
export function targetsOf(node: Node): readonly Name[] {
  const relations = (list: readonly Node[] | undefined): readonly Name[] =>
    (list ?? []).flatMap((each) => ("RangeVar" in each ? [relationName(each.RangeVar)] : []));
  if ("TruncateStmt" in node) return relations(node.TruncateStmt.relations);
  if ("LockStmt" in node) return relations(node.LockStmt.relations);
  if ("DropStmt" in node) {
    const { removeType = "", objects = [] } = node.DropStmt;
    return RELATIONS.includes(removeType) ? objects.map(objectName) : [];
  }
  const [statement] = Object.values(node) as { readonly relation?: NodeOf<"RangeVar"> }[];
  return statement?.relation === undefined ? [] : [relationName(statement.relation)];
}

/** What a statement makes, under the name that it has from then on. */
function madeBy(node: Node): readonly Name[] {
  if ("CreateStmt" in node) return [relationName(node.CreateStmt.relation)];
  if ("CreateTableAsStmt" in node) return [relationName(node.CreateTableAsStmt.into?.rel)];
  if ("ViewStmt" in node) return [relationName(node.ViewStmt.view)];
  if ("SelectStmt" in node) {
    const { intoClause } = node.SelectStmt;
    return intoClause === undefined ? [] : [relationName(intoClause.rel)];
  }
  if ("IndexStmt" in node) {
    const { relation, idxname } = node.IndexStmt;
    return idxname === undefined ? [] : [beside(relationName(relation), idxname)];
  }
  return [];
}

function newNameOf(node: Node, from: Name): Name | undefined {
  if ("RenameStmt" in node && RELATIONS.includes(node.RenameStmt.renameType ?? "")) {
    return beside(from, node.RenameStmt.newname ?? "");
  }
  return "AlterObjectSchemaStmt" in node
    ? `${node.AlterObjectSchemaStmt.newschema ?? ""}.${bareName(from)}`
    : undefined;
}

/** Whether a statement makes or changes temporary objects alone. */
export function isTemporary(node: Node): boolean {
  const about = [...targetsOf(node), ...madeBy(node)];
  return about.length > 0 && about.every(isTemporaryName);
}

function isTemporaryName(name: Name): boolean {
  return name.startsWith(`${TEMPORARY}.`);
}

/** Goes through the statements of a file. @param each is told which objects the file itself has made by then */
export function withNewObjects<T>(
  statements: readonly ParsedStatement[],
  each: (statement: ParsedStatement, isNew: (name: Name) => boolean) => readonly T[],
): readonly T[] {
  const made = new Set<Name>();
  const isNew = (name: Name): boolean => made.has(name) || isTemporaryName(name);
  return statements.flatMap((statement) => {
    const { node } = statement;
    for (const name of madeBy(node)) made.add(name);
    const found = each(statement, isNew);
    const [from = ""] = targetsOf(node);
    const to = newNameOf(node, from);
    if (to !== undefined && isNew(from)) made.add(to);
    return found;
  });
}

/** Which statements of a file change only what the file itself made before: nobody else uses that yet. */
export function onNewObjects(statements: readonly ParsedStatement[]): ReadonlySet<ParsedStatement> {
  return new Set(
    withNewObjects(statements, (statement, isNew) => {
      const targets = targetsOf(statement.node);
      return targets.length > 0 && targets.every(isNew) ? [statement] : [];
    }),
  );
}
