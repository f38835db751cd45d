import type { Node } from "@pgsql/types";
import { names, textOf, walk } from "./walk";

/** The schema of temporary objects, which is searched first for a name without one. */
export const TEMPORARY = "pg_temp";

/** Kinds of objects with a name of their own, and those that are named after their table. */
const NAMED = ["OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_INDEX", "OBJECT_SEQUENCE"];
const IN_TABLE = ["OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER", "OBJECT_RULE"];

/**
 * Writes `pg_temp` before the name of each temporary object, into the trees of one file: they end with its session, and
 * need no schema until then.
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
    // What a function makes, it makes when it is called.
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
