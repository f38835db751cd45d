import { existing, type Decision } from "./decision";
import type { ResourceProvider } from "./providers/provider";
import type { Registration } from "./registration";
import type { ResourceState } from "./state-file";
import { mapValues, markKeys, markSecrets, unwrapObject, type WireObject } from "../wire";

/** The engine's response to a resource registration. */
export interface Answer {
  readonly urn: string;
  /** Empty while unknown. */
  readonly id: string;
  readonly outputs: WireObject;
  readonly failed: boolean;
}

export function answer({ urn, custom, id, outputs }: ResourceState): Answer {
  return { urn, id: custom ? id : "", outputs, failed: false };
}

/** The response for a resource that was not created. */
export function unmade({ urn, inputs }: Registration, failed: boolean): Answer {
  return { urn, id: "", outputs: inputs, failed };
}

/** Predicts the response to a planned step. The program treats a missing output as unknown. */
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
