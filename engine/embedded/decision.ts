import type { Operation } from "../engine";
import { diffInputs, ignoreChanges, parsePath, pathContains, type Change } from "../wire-diff";
import type { CheckFailure, Existing, ResourceProvider } from "./providers/provider";
import type { Registration } from "./registration";
import { comparable } from "../wire-sets";
import type { ResourceState } from "./state";
import { containsUnknown, markSecrets, sameValue, unwrapObject, type WireObject } from "../wire";

/** What is to be done about one resource. */
export interface Decision {
  readonly op: Operation;
  /** As the provider's check has left them. */
  readonly inputs: WireObject;
  readonly changes: readonly Change[];
  readonly deleteBeforeReplace: boolean;
  /** Outputs that an update keeps. */
  readonly stables: readonly string[];
  readonly failures: readonly CheckFailure[];
}

export function existing(state: ResourceState): Existing {
  return {
    id: state.id,
    inputs: unwrapObject(state.inputs),
    outputs: unwrapObject(state.outputs),
  };
}

/**
 * Compares what a program asks for with what is there.
 * @param provider undefined for a type that can only be planned
 * @param replaced resources that are replaced in this run
 */
export async function decide(
  registration: Registration,
  old: ResourceState | undefined,
  provider: ResourceProvider | undefined,
  replaced: ReadonlySet<string>,
): Promise<Decision> {
  const present = old?.pending === "create" || old?.pending === "delete" ? undefined : old;
  const wanted =
    present === undefined
      ? registration.inputs
      : ignoreChanges(present.inputs, registration.inputs, registration.ignoreChanges);
  const checked = await provider?.check(
    present && unwrapObject(present.inputs),
    unwrapObject(wanted),
  );
  const inputs = checked === undefined ? wanted : markInputs(checked.inputs, wanted);
  const failures = checked?.failures ?? [];
  const undecided = { inputs, failures, changes: [], deleteBeforeReplace: false, stables: [] };
  if (present === undefined) return { ...undecided, op: "create" };
  // Nothing sensible can be said about a change to something wrong.
  if (failures.length > 0) return { ...undecided, op: "update" };

  const normalise = (object: WireObject): WireObject =>
    comparable(registration.type, provider?.normalise(object) ?? object);
  const changes = diffInputs(normalise(present.inputs), normalise(inputs));
  const changedKeys = [...new Set(changes.map(({ path }) => String(parsePath(path)[0])))];
  const judgement = (await provider?.diff(
    existing(present),
    unwrapObject(inputs),
    changedKeys,
  )) ?? { changes: changes.length > 0, replaces: [], deleteBeforeReplace: false, stables: [] };

  const forced = forcesReplacement(registration, present, replaced);
  const replaces =
    forced ||
    (judgement.changes &&
      (judgement.replaces.length > 0 ||
        changes.some(({ path }) =>
          registration.replaceOnChanges.some((pattern) => pathContains(pattern, path)),
        )));
  const updates = judgement.changes || present.pending === "update";
  return {
    op: replaces ? "replace" : updates ? "update" : "same",
    inputs,
    changes: replaces || updates ? changes : [],
    deleteBeforeReplace: registration.deleteBeforeReplace ?? judgement.deleteBeforeReplace,
    stables: judgement.stables ?? [],
    failures,
  };
}

function markInputs(checked: WireObject, wanted: WireObject): WireObject {
  return Object.fromEntries(
    Object.entries(checked).map(([key, value]) => [key, markSecrets(value, wanted[key])]),
  );
}

/** A replacement for reasons other than the resource's own inputs. */
function forcesReplacement(
  registration: Registration,
  old: ResourceState,
  replaced: ReadonlySet<string>,
): boolean {
  if (registration.deletedWith !== "" && replaced.has(registration.deletedWith)) return true;
  if (registration.replaceWith.some((urn) => replaced.has(urn))) return true;
  const [before, now] = [old.replacementTrigger, registration.replacementTrigger];
  if (containsUnknown(now)) return true;
  return before !== null && now !== null && !sameValue(before, now);
}
