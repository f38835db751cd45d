import type { Node } from "@pgsql/types";
import { names, nodesOf } from "../../components/sql-text/parse-tree";

/** Maximum bytes of a name: PostgreSQL's NAMEDATALEN minus the terminating byte. */
const MAX_BYTES = 63;

/** The suffix of a generated name, by kind of object. */
export type Suffix = "pkey" | "key" | "fkey" | "check" | "idx" | "excl" | "seq";

/** The first free name. @param taken whether a name is in use */
export function generatedName(
  table: string,
  columns: readonly string[],
  suffix: Suffix,
  taken: (name: string) => boolean,
): string {
  const second = columns.length === 0 ? undefined : columns.join("_");
  for (let pass = 0; ; pass += 1) {
    const name = objectName(table, second, pass === 0 ? suffix : `${suffix}${pass}`);
    if (!taken(name)) return name;
  }
}

/** PostgreSQL's `makeObjectName`: if two names are too long together, the longer one is shortened first. */
function objectName(first: string, second: string | undefined, label: string): string {
  const available = MAX_BYTES - Buffer.byteLength(`_${label}`) - (second === undefined ? 0 : 1);
  let firstBytes = Buffer.byteLength(first);
  let secondBytes = Buffer.byteLength(second ?? "");
  while (firstBytes + secondBytes > available) {
    if (firstBytes > secondBytes) firstBytes -= 1;
    else secondBytes -= 1;
  }
  const parts = [clipped(first, firstBytes)];
  if (second !== undefined) parts.push(clipped(second, secondBytes));
  return [...parts, label].join("_");
}

/** The distinct names of an index's columns, from which its name is generated. */
export function indexColumnNames(elements: readonly Node[]): readonly string[] {
  const chosen: string[] = [];
  for (const { indexcolname, name, expr } of nodesOf("IndexElem", elements)) {
    const wanted = indexcolname ?? name ?? expressionName(expr)?.name ?? "expr";
    let free = wanted;
    for (let number = 1; chosen.includes(free); number += 1) {
      free = `${clipped(wanted, MAX_BYTES - String(number).length)}${number}`;
    }
    chosen.push(free);
  }
  return chosen;
}

/** The longest prefix of a text that fits into the bytes and splits no character. */
function clipped(text: string, bytes: number): string {
  let clip = "";
  let left = bytes;
  for (const character of text) {
    left -= Buffer.byteLength(character);
    if (left < 0) break;
    clip += character;
  }
  return clip;
}

/** A name for an expression. A cast's type or `case` replaces a weak name. */
interface ExpressionName {
  readonly name: string;
  readonly weak: boolean;
}

/** PostgreSQL's name for a column that is an expression; undefined if it has no name. */
export function expressionName(node: Node | undefined): ExpressionName | undefined {
  if (node === undefined) return undefined;
  const strong = (name: string | undefined): ExpressionName | undefined =>
    name === undefined ? undefined : { name, weak: false };
  const unlessStrong = (inner: Node | undefined, name: string | undefined) => {
    const found = expressionName(inner);
    return found?.weak === false || name === undefined ? found : { name, weak: true };
  };
  if ("ColumnRef" in node) return strong(names(node.ColumnRef.fields).at(-1));
  if ("FuncCall" in node) return strong(names(node.FuncCall.funcname).at(-1));
  if ("CollateClause" in node) return expressionName(node.CollateClause.arg);
  if ("TypeCast" in node) {
    return unlessStrong(node.TypeCast.arg, names(node.TypeCast.typeName?.names).at(-1));
  }
  if ("CaseExpr" in node) return unlessStrong(node.CaseExpr.defresult, "case");
  if ("A_Indirection" in node) {
    const field = names(node.A_Indirection.indirection).at(-1);
    return field === undefined ? expressionName(node.A_Indirection.arg) : strong(field);
  }
  if ("A_Expr" in node) {
    return node.A_Expr.kind === "AEXPR_NULLIF" ? strong("nullif") : undefined;
  }
  if ("MinMaxExpr" in node) {
    return strong(node.MinMaxExpr.op === "IS_LEAST" ? "least" : "greatest");
  }
  const [tag = ""] = Object.keys(node);
  return strong(NAMED_BY_KIND[tag]);
}

const NAMED_BY_KIND: Readonly<Record<string, string>> = {
  A_ArrayExpr: "array",
  CoalesceExpr: "coalesce",
  RowExpr: "row",
};
