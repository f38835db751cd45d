import type { Node } from "@pgsql/types";
import { names, textOf, walk } from "./parse-tree";

/** Schema of temporary objects; it is searched first. */
export const TEMPORARY = "pg_temp";

/** Kinds of objects with their own name, and kinds named within their table. */
const NAMED = ["OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_INDEX", "OBJECT_SEQUENCE"];
const IN_TABLE = ["OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER", "OBJECT_RULE"];

/**
 * Qualifies the names of temporary objects with `pg_temp` in the parse trees of one file: temporary objects live as
 * long as its session, and need no schema.
 */
export function resolveTemporary(
  statements: readonly {
    readonly node: Node;
    readonly body?: readonly { readonly tree: unknown }[];
  }[],
): void {
  const made = new Set<string>();
  for (const { node, body = [] } of statements) {
    resolve(node, made);
    // A function's objects are created only when it is called.
    const local = new Set<string>();
    for (const { tree } of body) resolve(tree, local);
  }
}

function resolve(tree: unknown, made: Set<string>): void {
  walk(tree, {
    RangeVar: ({ relname = "", relpersistence, schemaname }) => {
      if (relpersistence === "t" || schemaname === TEMPORARY) made.add(relname);
    },
  });
  if (made.size === 0) return;
  const qualify = (parts: Node[] | undefined, length: number): void => {
    if (parts?.length === length && made.has(names(parts)[0] ?? "")) {
      parts.unshift({ String: { sval: TEMPORARY } });
    }
  };
  const qualifyObject = (object: Node | undefined, kind = ""): void => {
    if (object === undefined || !("List" in object)) return;
    if (NAMED.includes(kind)) qualify(object.List.items, 1);
    if (IN_TABLE.includes(kind)) qualify(object.List.items, 2);
  };
  walk(tree, {
    RangeVar: (relation) => {
      if (relation.schemaname === undefined && made.has(relation.relname ?? "")) {
        relation.schemaname = TEMPORARY;
      }
    },
  });
  walk(tree, {
    TypeName: ({ names: parts }) => {
      qualify(parts, 1);
    },
    TypeCast: ({ arg, typeName }) => {
      if (names(typeName?.names).at(-1) === "regclass") qualifyText(arg, made);
    },
    IndexStmt: ({ relation, idxname }) => {
      if (relation?.schemaname === TEMPORARY && idxname !== undefined) made.add(idxname);
    },
    RenameStmt: ({ relation, renameType = "", newname = "" }) => {
      if (relation?.schemaname === TEMPORARY && NAMED.includes(renameType)) made.add(newname);
    },
    DropStmt: ({ objects, removeType }) => {
      for (const object of objects ?? []) qualifyObject(object, removeType);
    },
    CommentStmt: ({ object, objtype }) => {
      qualifyObject(object, objtype);
    },
  });
}

function qualifyText(node: Node | undefined, made: ReadonlySet<string>): void {
  const text = textOf(node);
  if (node === undefined || !("A_Const" in node) || text === undefined || !made.has(text)) return;
  node.A_Const.sval = { sval: `${TEMPORARY}.${text}` };
}
