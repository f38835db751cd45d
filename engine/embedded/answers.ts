import { existing, type Decision } from "./decision";
import type { ResourceProvider } from "./providers/provider";
import type { Registration } from "./registration";
import type { ResourceState } from "./state";
import { mapValues, markKeys, markSecrets, unwrapObject, type WireObject } from "../wire";

/** What the program is told about a resource that it registered. */
export interface Answer {
  readonly urn: string;
  /** Empty while it is not known. */
  readonly id: string;
  readonly outputs: WireObject;
  readonly failed: boolean;
}

export function answer(entry: ResourceState): Answer {
  return {
    urn: entry.urn,
    id: entry.custom ? entry.id : "",
    outputs: entry.outputs,
    failed: false,
  };
}

export function failedAnswer({ urn, inputs }: Registration): Answer {
  return { urn, id: "", outputs: inputs, failed: true };
}

export function unknownAnswer({ urn, inputs }: Registration): Answer {
  return { urn, id: "", outputs: inputs, failed: false };
}

/** What the program would be told if the step were carried out; an output that is absent here is unknown to it. */
export function foresee(
  registration: Registration,
  { op, inputs, stables }: Decision,
  old: ResourceState | undefined,
  provider: ResourceProvider | undefined,
): Answer {
  const { urn, custom, additionalSecretOutputs } = registration;
  if (old === undefined || op === "create" || op === "replace") {
    return { urn, id: "", outputs: markKeys(inputs, additionalSecretOutputs), failed: false };
  }
  const id = custom ? old.id : "";
  if (op === "same") return { urn, id, outputs: old.outputs, failed: false };
  const outputs = provider?.previewUpdate(existing(old), unwrapObject(inputs), stables) ?? inputs;
  const marked = mapValues(outputs, (value, key) =>
    markSecrets(value, inputs[key] ?? old.outputs[key]),
  );
  return { urn, id, outputs: markKeys(marked, additionalSecretOutputs), failed: false };
}
