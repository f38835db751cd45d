import type { Operation } from "../engine";
import { diffInputs, ignoreChanges, parsePath, type Change } from "../wire-diff";
import type { ExistingResource, ResourceProvider } from "./providers/provider";
import type { Registration } from "./registration";
import { comparableInputs } from "../wire-sets";
import type { ResourceState } from "./state-file";
import { markSecrets, unwrapObject, type WireObject } from "../wire";

/** The operation that one resource needs. */
export interface Decision {
  readonly op: Operation;
  /** The inputs that the provider's check returned. */
  readonly inputs: WireObject;
  readonly changes: readonly Change[];
  readonly deleteBeforeReplace: boolean;
}

export function existingResource(state: ResourceState): ExistingResource {
  return {
    id: state.id,
    inputs: unwrapObject(state.inputs),
    outputs: unwrapObject(state.outputs),
  };
}

/**
 * Compares a registration with the resource in the state.
 * @param provider undefined for a type that can only be planned
 * @param replaced resources that are replaced in this run
 * @throws Error with all failures of the provider's check
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
  const checked = await provider?.check?.(
    present && unwrapObject(present.inputs),
    unwrapObject(wanted),
  );
  const inputs = checked === undefined ? wanted : markInputs(checked.inputs, wanted);
  const failures = checked?.failures ?? [];
  if (failures.length > 0) {
    throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("; "));
  }
  if (present === undefined) {
    return { op: "create", inputs, changes: [], deleteBeforeReplace: false };
  }

  const normalise = (object: WireObject): WireObject =>
    comparableInputs(registration.type, provider?.normalise?.(object) ?? object);
  const changes = diffInputs(normalise(present.inputs), normalise(inputs));
  const changedKeys = [...new Set(changes.map(({ path }) => String(parsePath(path)[0])))];
  const judgement = (await provider?.diff?.(
    existingResource(present),
    unwrapObject(inputs),
    changedKeys,
  )) ?? { changes: changes.length > 0, replaces: [], deleteBeforeReplace: false };

  // The resource that contains it, or one that it must be replaced with, is replaced in this run.
  const forced = [registration.deletedWith, ...registration.replaceWith].some((urn) =>
    replaced.has(urn),
  );
  const replaces = forced || (judgement.changes && judgement.replaces.length > 0);
  const updates = judgement.changes || present.pending === "update";
  return {
    op: replaces ? "replace" : updates ? "update" : "same",
    inputs,
    changes: replaces || updates ? changes : [],
    deleteBeforeReplace: registration.deleteBeforeReplace ?? judgement.deleteBeforeReplace,
  };
}

function markInputs(checked: WireObject, wanted: WireObject): WireObject {
  return Object.fromEntries(
    Object.entries(checked).map(([key, value]) => [key, markSecrets(value, wanted[key])]),
  );
}
