import type { Operation, PlannedResource, Result } from "../../engine/engine";

/** What a step means to a reader. To Pulumi `leave` is a deletion too: the stack forgets the resource, which stays. */
export type Outcome = Operation | "leave";

/** The urns of what a plan deletes from the stack alone: what is retained, and what is inside of that. */
export function leftBehind(resources: readonly PlannedResource[]): ReadonlySet<string> {
  const deleted = resources.filter(({ op }) => op === "delete");
  const left = new Set<string>();
  for (let before = -1; before < left.size;) {
    before = left.size;
    for (const { urn, options } of deleted) {
      if (options.retainOnDelete || left.has(options.deletedWith)) left.add(urn);
    }
  }
  return left;
}

export function outcomeOf(
  { urn, op }: { readonly urn: string; readonly op: Operation },
  left: ReadonlySet<string>,
): Outcome {
  return op === "delete" && left.has(urn) ? "leave" : op;
}

/** Marks in a result what was left behind: a run of the CLI does not tell it from what was deleted. */
export function withLeftBehind(result: Result, left: ReadonlySet<string>): Result {
  const done = result.done.map((step) =>
    outcomeOf(step, left) === "leave" ? { ...step, leftBehind: true } : step,
  );
  return { ...result, done };
}
