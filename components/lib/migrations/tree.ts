/** Ways through PostgreSQL's parse trees. */
import type { Node } from "@pgsql/types";

/**
 * Calls `visit` for each object and list below, outermost first and in their order. Not by recursion: a tree is as deep
 * as its expression, and one of a thousand terms would use up the stack.
 * @param key the field in which it stands
 */
export function eachBelow(
  tree: unknown,
  visit: (value: object, key: string, parent: object) => void,
): void {
  const pending: { readonly value: object; readonly key?: string; readonly parent?: object }[] = [];
  if (isTree(tree)) pending.push({ value: tree });
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, key, parent } = next;
    if (key !== undefined && parent !== undefined) visit(value, key, parent);
    const children = Object.entries(value).filter((entry): entry is [string, object] =>
      isTree(entry[1]),
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

function isTree(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
