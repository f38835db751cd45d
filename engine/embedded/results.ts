import type { Failure, PlannedResource, Result, StackRef } from "../engine";
import { allNeeds } from "./dependencies";
import type { ResourceState, State } from "./state";
import { StepFailed, type Steps } from "./steps";
import { maskObject } from "./wire";

/** Deletes in the given order. What a resource that could not be deleted needs is left in place too. */
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
      // The end of a replacement is not a deletion of its own.
      const counts = entry.condemned !== true;
      await steps.run(entry.urn, "delete", () => steps.delete(entry, doomed), counts);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      for (const urn of allNeeds(entry, state.resources)) needed.add(urn);
    }
  }
}

/** What a run came to. */
export function result(
  ref: StackRef,
  steps: Steps,
  planned: readonly PlannedResource[],
  state: State,
  isRegistered: (urn: string) => boolean,
): Result {
  const settled = new Set([...steps.done, ...steps.failed].map(({ urn }) => urn));
  const reason =
    steps.failed.length > 0
      ? `not started, since ${steps.failed.length === 1 ? "another step" : `${steps.failed.length} other steps`} failed`
      : "not started, since the run was interrupted";
  const skipped = planned
    .filter(
      ({ urn, op }) =>
        !settled.has(urn) && op !== "same" && !(op !== "delete" && isRegistered(urn)),
    )
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
