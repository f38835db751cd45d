import type { Node } from "@pgsql/types";

type Tags<T> = T extends unknown ? keyof T : never;

/** A kind of node of PostgreSQL's parse tree: `RangeVar`. */
export type Tag = Tags<Node>;

/** The node itself, without the wrapper that names its kind. */
export type NodeOf<K extends Tag> = Extract<Node, Record<K, unknown>>[K];

export type Visitor = { readonly [K in Tag]?: (node: NodeOf<K>) => void };

/** Fields that can have one kind of node only: there the tree leaves the wrapper out. */
const UNWRAPPED: Readonly<Record<string, Tag>> = {
  relation: "RangeVar",
  constrrel: "RangeVar",
  pktable: "RangeVar",
  rel: "RangeVar",
  sequence: "RangeVar",
  table: "RangeVar",
  typevar: "RangeVar",
  view: "RangeVar",
  argType: "TypeName",
  ofTypename: "TypeName",
  returnType: "TypeName",
  sourcetype: "TypeName",
  targettype: "TypeName",
  typeName: "TypeName",
  func: "ObjectWithArgs",
  funccall: "FuncCall",
};

/**
 * Calls the visitor for every node below, outermost first.
 * @param without kinds of nodes that it is not called for, and for nothing below them
 */
export function walk(tree: unknown, visitor: Visitor, without: readonly Tag[] = []): void {
  // Each visitor takes the node of its own tag, which the loop below cannot tell to the compiler.
  const visit = new Map(Object.entries(visitor) as [string, (node: unknown) => void][]);
  const left: readonly string[] = without;
  const enter = (value: object, key: string, parent: object): void => {
    if (Array.isArray(parent) || Array.isArray(value)) return;
    visit.get(tagOf(key, value))?.(value);
  };
  eachBelow(tree, enter, (key) => left.includes(key));
}

/** A field of `UNWRAPPED` has the wrapper all the same where its parent takes several kinds of nodes. */
function tagOf(key: string, value: object): string {
  const tag = UNWRAPPED[key];
  if (tag === undefined) return key;
  return /^[A-Z]/.test(Object.keys(value)[0] ?? "") ? key : tag;
}

/** What a name, a string or a list of either says; undefined for anything that is computed. */
export function textOf(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if ("String" in node) return node.String.sval ?? "";
  if ("A_Const" in node) return node.A_Const.sval?.sval;
  if ("TypeCast" in node) return textOf(node.TypeCast.arg);
  if ("NamedArgExpr" in node) return textOf(node.NamedArgExpr.arg);
  return undefined;
}

/** A tree as text that is the same wherever the tree stands. */
export function normalised(tree: unknown): string {
  return JSON.stringify(tree, (key, value: unknown) => (key === "location" ? undefined : value));
}

/**
 * Calls `visit` for each object and list below, outermost first and in their order. Not by recursion: a tree is as deep
 * as its expression, and one of a thousand terms would use up the stack.
 * @param visit is told the field in which it stands
 * @param isLeft whether a field is left out, with all below it
 */
export function eachBelow(
  tree: unknown,
  visit: (value: object, key: string, parent: object) => void,
  isLeft: (key: string) => boolean = () => false,
): void {
  const pending: { readonly value: object; readonly key?: string; readonly parent?: object }[] = [];
  if (isTree(tree)) pending.push({ value: tree });
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, key, parent } = next;
    if (key !== undefined && parent !== undefined) visit(value, key, parent);
    const children = Object.entries(value).filter(
      (entry): entry is [string, object] => isTree(entry[1]) && !isLeft(entry[0]),
    );
    for (const [field, child] of children.reverse()) {
      pending.push({ value: child, key: field, parent: value });
    }
  }
}

/** The parts of a dotted name. */
export function names(nodes: readonly Node[] | undefined): readonly string[] {
  return (nodes ?? []).flatMap((node) =>
    "String" in node && node.String.sval !== undefined ? [node.String.sval] : [],
  );
}

/** The nodes of one kind in a list, without the wrapper. */
export function nodesOf<K extends Tag>(kind: K, nodes: readonly Node[] = []): readonly NodeOf<K>[] {
  return nodes.flatMap((node) =>
    kind in node ? [(node as unknown as Readonly<Record<K, NodeOf<K>>>)[kind]] : [],
  );
}

/** What `alter table` does, one by one. */
export function commandsOf(node: Node): readonly NodeOf<"AlterTableCmd">[] {
  return "AlterTableStmt" in node ? nodesOf("AlterTableCmd", node.AlterTableStmt.cmds) : [];
}

function isTree(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
