/** What the runner has to know of a statement's tree. */
import type { Node } from "@pgsql/types";

/** Whether PostgreSQL refuses it inside of a transaction. */
export function runsOutside(node: Node): boolean {
  if ("IndexStmt" in node) {
    const { concurrent, options } = node.IndexStmt;
    return concurrent === true || named(options, "transaction_per_chunk");
  }
  if ("DropStmt" in node) return node.DropStmt.concurrent === true;
  if ("ReindexStmt" in node) return named(node.ReindexStmt.params, "concurrently");
  if ("VacuumStmt" in node) return node.VacuumStmt.is_vacuumcmd === true;
  return false;
}

/** Whether it may lock relations that it does not name: it calls a function, such as TimescaleDB's. */
export function locksUnnamed(node: Node): boolean {
  return "SelectStmt" in node || "DoStmt" in node || "CallStmt" in node;
}

/** What a statement outside of a transaction makes or takes away, by which one that was broken off is known again. */
export type OutsideWork =
  | {
      readonly kind: "create index";
      readonly index: string;
      readonly table: string;
      readonly concurrently: boolean;
    }
  | { readonly kind: "drop index"; readonly index: string }
  | { readonly kind: "reindex"; readonly index?: string; readonly table?: string }
  | { readonly kind: "other" };

export function outsideWork(node: Node): OutsideWork {
  if ("IndexStmt" in node) {
    const { idxname = "", relation, concurrent = false } = node.IndexStmt;
    return {
      kind: "create index",
      // An index lies in its table's schema, and cannot be told to lie elsewhere.
      index: qualified([relation?.schemaname, idxname]),
      table: qualified([relation?.schemaname, relation?.relname]),
      concurrently: concurrent,
    };
  }
  if ("DropStmt" in node && node.DropStmt.removeType === "OBJECT_INDEX") {
    return { kind: "drop index", index: relationsOf(node)[0] ?? "" };
  }
  if ("ReindexStmt" in node) {
    const [name] = relationsOf(node);
    if (name === undefined) return { kind: "reindex" };
    return node.ReindexStmt.kind === "REINDEX_OBJECT_INDEX"
      ? { kind: "reindex", index: name }
      : { kind: "reindex", table: name };
  }
  return { kind: "other" };
}

/** The names of tables, indexes and views in a statement, quoted where they have to be. */
export function relationsOf(node: Node): readonly string[] {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    // Depending on where it stands, a relation is wrapped in its type's name or not.
    if ("relname" in value && typeof value.relname === "string") {
      const schema = "schemaname" in value ? String(value.schemaname) : undefined;
      found.add(qualified([schema, value.relname]));
    }
    Object.values(value).forEach(visit);
  };
  visit(node);
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
/** Things of a table: their name stands behind the table's. */
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
    const words = (object.List.items ?? []).flatMap((item) =>
      "String" in item ? [item.String.sval] : [],
    );
    return [qualified(part ? words.slice(0, -1) : words)];
  });
}

function named(options: readonly Node[] | undefined, name: string): boolean {
  return (options ?? []).some((option) => "DefElem" in option && option.DefElem.defname === name);
}

function qualified(words: readonly (string | undefined)[]): string {
  return words
    .filter((word) => word !== undefined)
    .map((word) => (/^[a-z_][a-z0-9_]*$/.test(word) ? word : `"${word.replaceAll('"', '""')}"`))
    .join(".");
}
