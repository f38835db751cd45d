import { existing, type Decision } from "./decision";
import type { ResourceProvider } from "./providers/provider";
import type { Registration } from "./registration";
import type { ResourceState } from "./state-file";
import { mapValues, markKeys, markSecrets, unwrapObject, type WireObject } from "../wire";

/** What the program is told about a resource that it registered. */
export interface Answer {
  readonly urn: string;
  /** Empty while it is not known. */
  readonly id: string;
  readonly outputs: WireObject;
  readonly failed: boolean;
}

export function answer({ urn, custom, id, outputs }: ResourceState): Answer {
  return { urn, id: custom ? id : "", outputs, failed: false };
}

/** The answer about a resource that was not made. */
export function unmade({ urn, inputs }: Registration, failed: boolean): Answer {
  return { urn, id: "", outputs: inputs, failed };
}

/** What the program would be told if the step were carried out; an output that is absent here is unknown to it. */
export function foresee(
  registration: Registration,
  { op, inputs }: Decision,
  old: ResourceState | undefined,
  provider: ResourceProvider | undefined,
): Answer {
  const { urn, additionalSecretOutputs } = registration;
  if (old === undefined || op === "create" || op === "replace") {
    return { urn, id: "", outputs: markKeys(inputs, additionalSecretOutputs), failed: false };
  }
  if (op === "same") return answer({ ...old, urn });
  const outputs = provider?.previewUpdate?.(existing(old), unwrapObject(inputs)) ?? inputs;
  const marked = mapValues(outputs, (value, key) =>
    markSecrets(value, inputs[key] ?? old.outputs[key]),
  );
  return answer({ ...old, urn, outputs: markKeys(marked, additionalSecretOutputs) });
}
