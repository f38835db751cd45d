import type { Node } from "@pgsql/types";

type Tags<T> = T extends unknown ? keyof T : never;

/** Kind of node in PostgreSQL's parse tree, such as `RangeVar`. */
export type Tag = Tags<Node>;

/** The node without the wrapper that names its kind. */
export type NodeOf<K extends Tag> = Extract<Node, Record<K, unknown>>[K];

export type Visitor = { readonly [K in Tag]?: (node: NodeOf<K>) => void };

/** Fields that allow only one kind of node: the tree omits their wrapper. */
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
 * @param without kinds of nodes to skip, with everything below them
 */
export function walk(tree: unknown, visitor: Visitor, without: readonly Tag[] = []): void {
  // Each visitor gets nodes of its own tag, which the compiler cannot infer from the loop below.
  const visit = new Map(Object.entries(visitor) as [string, (node: unknown) => void][]);
  const left: readonly string[] = without;
  const enter = (value: object, key: string, parent: object): void => {
    if (Array.isArray(parent) || Array.isArray(value)) return;
    visit.get(tagOf(key, value))?.(value);
  };
  visitDescendants(tree, enter, (key) => left.includes(key));
}

/** A field of `UNWRAPPED` still has a wrapper when its parent allows several kinds of nodes. */
function tagOf(key: string, value: object): string {
  const tag = UNWRAPPED[key];
  if (tag === undefined) return key;
  return /^[A-Z]/.test(Object.keys(value)[0] ?? "") ? key : tag;
}

/** Text of a name or string, or of a list of either; undefined for computed values. */
export function textOf(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if ("String" in node) return node.String.sval ?? "";
  if ("A_Const" in node) return node.A_Const.sval?.sval;
  if ("TypeCast" in node) return textOf(node.TypeCast.arg);
  if ("NamedArgExpr" in node) return textOf(node.NamedArgExpr.arg);
  return undefined;
}

/** Text of a tree without positions, for comparison. */
export function textWithoutPositions(tree: unknown): string {
  return JSON.stringify(tree, (key, value: unknown) => (key === "location" ? undefined : value));
}

/**
 * Calls `visit` for each object and list below, outermost first, in order. Iterative: a tree is as deep as its
 * expression, and a thousand terms would overflow the stack.
 * @param visit also gets the field of the value
 * @param isLeft whether to skip a field, with everything below it
 */
export function visitDescendants(
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

/** Parts of a dotted name. */
export function names(nodes: readonly Node[] | undefined): readonly string[] {
  return (nodes ?? []).flatMap((node) =>
    "String" in node && node.String.sval !== undefined ? [node.String.sval] : [],
  );
}

/** Nodes of one kind in a list, without the wrapper. */
export function nodesOf<K extends Tag>(kind: K, nodes: readonly Node[] = []): readonly NodeOf<K>[] {
  return nodes.flatMap((node) =>
    kind in node ? [(node as unknown as Readonly<Record<K, NodeOf<K>>>)[kind]] : [],
  );
}

/** Commands of an `alter table`. */
export function commandsOf(node: Node): readonly NodeOf<"AlterTableCmd">[] {
  return "AlterTableStmt" in node ? nodesOf("AlterTableCmd", node.AlterTableStmt.cmds) : [];
}

function isTree(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
