import type { Failure, PlannedResource, Result, StackRef } from "../engine";
import { allNeeds } from "./dependencies";
import type { State } from "./state";
import type { ResourceState } from "./state-file";
import { StepFailed, type Steps } from "./steps";
import { maskObject } from "../wire";

/** Deletes resources in the given order. If a deletion fails, everything that this resource needs is kept, too. */
export async function deleteAll(
  order: readonly ResourceState[],
  state: State,
  steps: Steps,
): Promise<void> {
  const doomed = new Set(order.map(({ urn }) => urn));
  const needed = new Set<string>();
  for (const entry of order) {
    if (needed.has(entry.urn)) continue;
    try {
      // The deletion that ends a replacement of this run is not counted separately.
      const counts = !steps.done.some(({ urn, op }) => urn === entry.urn && op === "replace");
      // If the old resource is retained, it is not a deletion at all.
      const op = !counts && entry.retainOnDelete ? "same" : "delete";
      await steps.run(entry.urn, op, () => steps.delete(entry, doomed), counts);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      for (const urn of allNeeds(entry, state.resources)) needed.add(urn);
    }
  }
}

/** The result of a run. */
export function result(
  ref: StackRef,
  steps: Steps,
  planned: readonly PlannedResource[],
  state: State,
  isRegistered: (urn: string) => boolean,
): Result {
  const failed = new Set(steps.failed.map(({ urn }) => urn));
  const done = new Set(steps.done.map(({ urn }) => urn));
  // Pending deletions are read from the state, since a replaced resource has the same URN as its successor.
  const isUndone = ({ urn, op }: PlannedResource): boolean =>
    op === "delete"
      ? state.resources.some(
          (entry) => entry.urn === urn && (entry.condemned === true || !isRegistered(urn)),
        )
      : op !== "same" && !done.has(urn) && !isRegistered(urn);
  const reason =
    steps.failed.length > 0
      ? `not started, because ${steps.failed.length === 1 ? "another step" : `${steps.failed.length} other steps`} failed`
      : "not started, because the run was interrupted";
  const skipped = planned
    .filter((row) => !failed.has(row.urn) && isUndone(row))
    .map(({ urn }): Failure => ({ urn, reason }));
  return {
    engine: "embedded",
    stack: ref.stack,
    done: steps.done,
    failed: steps.failed,
    skipped,
    outputs: maskObject(state.root?.outputs ?? {}),
  };
}
