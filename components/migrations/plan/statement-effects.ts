/** Facts that the runner needs from a statement's parse tree. */
import type { Node } from "@pgsql/types";
import { sqlName } from "../../sql-text/sql-names";
import { isOptionOn } from "../../sql-text/sql-options";
import { visitDescendants, names } from "../../sql-text/parse-tree";

/** Whether it may lock relations that it does not name, through a function call such as TimescaleDB's. */
export function mayLockUnnamedRelations(node: Node): boolean {
  return "SelectStmt" in node || "DoStmt" in node || "CallStmt" in node;
}

/** Whether it may change session settings. */
export function mayChangeSettings(node: Node): boolean {
  return "VariableSetStmt" in node || mayLockUnnamedRelations(node);
}

/** Effect of a statement outside of a transaction; by it, an interrupted statement is recognised. */
export type OutsideEffect =
  | {
      readonly kind: "create index";
      readonly index: string;
      readonly table: string;
      readonly concurrently: boolean;
    }
  | { readonly kind: "drop index"; readonly index: string }
  | { readonly kind: "reindex"; readonly index?: string; readonly table?: string }
  | { readonly kind: "detach partition"; readonly table: string; readonly partition: string }
  | { readonly kind: "other" };

export function outsideEffect(node: Node): OutsideEffect {
  if ("IndexStmt" in node) {
    const { idxname = "", relation, concurrent = false } = node.IndexStmt;
    return {
      kind: "create index",
      // An index is always in its table's schema.
      index: qualified([relation?.schemaname, idxname]),
      table: qualified([relation?.schemaname, relation?.relname]),
      concurrently: concurrent,
    };
  }
  if ("DropStmt" in node && node.DropStmt.removeType === "OBJECT_INDEX") {
    return { kind: "drop index", index: relationsOf(node)[0] ?? "" };
  }
  if ("AlterTableStmt" in node) {
    const [table = "", partition = ""] = relationsOf(node);
    return { kind: "detach partition", table, partition };
  }
  // Without "concurrently", a failure leaves nothing behind.
  if ("ReindexStmt" in node && isOptionOn(node.ReindexStmt.params, "concurrently")) {
    const [name] = relationsOf(node);
    if (name === undefined) return { kind: "reindex" };
    return node.ReindexStmt.kind === "REINDEX_OBJECT_INDEX"
      ? { kind: "reindex", index: name }
      : { kind: "reindex", table: name };
  }
  return { kind: "other" };
}

/** Names of tables, indexes and views in a statement, quoted where necessary. */
export function relationsOf(node: Node): readonly string[] {
  const found = new Set<string>();
  visitDescendants(node, (value) => {
    // Depending on its position, a relation is wrapped in its type's name or not.
    if ("relname" in value && typeof value.relname === "string") {
      const schema = "schemaname" in value ? String(value.schemaname) : undefined;
      found.add(qualified([schema, value.relname]));
    }
  });
  dropped(node).forEach((name) => found.add(name));
  return [...found];
}

const DROPPED_RELATIONS: ReadonlySet<string> = new Set([
  "OBJECT_TABLE",
  "OBJECT_INDEX",
  "OBJECT_VIEW",
  "OBJECT_MATVIEW",
  "OBJECT_SEQUENCE",
  "OBJECT_FOREIGN_TABLE",
]);
/** Objects of a table; their name follows the table's. */
const DROPPED_PARTS: ReadonlySet<string> = new Set([
  "OBJECT_TRIGGER",
  "OBJECT_POLICY",
  "OBJECT_RULE",
]);

/** Names in a `drop` are plain lists of words. */
function dropped(node: Node): readonly string[] {
  if (!("DropStmt" in node)) return [];
  const { removeType = "", objects = [] } = node.DropStmt;
  const part = DROPPED_PARTS.has(removeType);
  if (!part && !DROPPED_RELATIONS.has(removeType)) return [];
  return objects.flatMap((object) => {
    if (!("List" in object)) return [];
    const words = names(object.List.items);
    return [qualified(part ? words.slice(0, -1) : words)];
  });
}

function qualified(words: readonly (string | undefined)[]): string {
  return words
    .filter((word) => word !== undefined)
    .map(sqlName)
    .join(".");
}
