import type { Node } from "@pgsql/types";
import { names, type NodeOf } from "./parse-tree";

/** Qualified name of a relation or function: `public.users`; without schema, as written. */
export type Name = string;

export function relationName(relation: NodeOf<"RangeVar"> | undefined): Name {
  const { schemaname, relname = "" } = relation ?? {};
  return schemaname === undefined ? relname : `${schemaname}.${relname}`;
}

export function joinedName(nodes: readonly Node[] | undefined): Name {
  return names(nodes).join(".");
}

/** Name of the object of `comment on` or `drop`. */
export function objectName(node: Node | undefined): Name {
  if (node === undefined) return "";
  if ("List" in node) return joinedName(node.List.items);
  if ("ObjectWithArgs" in node) return joinedName(node.ObjectWithArgs.objname);
  if ("TypeName" in node) return typeText(node.TypeName);
  if ("String" in node) return node.String.sval ?? "";
  return "";
}

/** `pg_catalog.int4`, `text[]`. */
export function typeText(type: NodeOf<"TypeName"> | undefined): string {
  return `${joinedName(type?.names)}${type?.arrayBounds === undefined ? "" : "[]"}`;
}

/** Name of another object in the same schema. */
export function siblingName(name: Name, other: string): Name {
  return `${name.slice(0, name.lastIndexOf(".") + 1)}${other}`;
}

/** Name without its schema. */
export function bareName(name: Name): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** One part of a name in SQL, quoted when necessary. */
export function sqlName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
