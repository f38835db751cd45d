import type { Operation, PlannedResource, Result } from "../../engine/engine";

/** The outcome of a step for the user. `leave` is a deletion to Pulumi: the resource stays, and the stack forgets it. */
export type Outcome = Operation | "leave";

/** URNs that a plan deletes only from the stack: retained resources, and those inside them. */
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

/** Marks the steps that left a resource behind: the CLI reports them as deletions. */
export function withLeftBehind(result: Result, left: ReadonlySet<string>): Result {
  const done = result.done.map((step) =>
    outcomeOf(step, left) === "leave" ? { ...step, leftBehind: true } : step,
  );
  return { ...result, done };
}
