import { existingResource, type Decision } from "./decision";
import type { ResourceProvider } from "./providers/provider";
import type { Registration } from "./registration";
import type { ResourceState } from "./state-file";
import { mapValues, markKeys, markSecrets, unwrapObject, type WireObject } from "../wire";

/** The engine's response to a resource registration. */
export interface RegistrationResponse {
  readonly urn: string;
  /** Empty while unknown. */
  readonly id: string;
  readonly outputs: WireObject;
  readonly failed: boolean;
}

export function responseFor({ urn, custom, id, outputs }: ResourceState): RegistrationResponse {
  return { urn, id: custom ? id : "", outputs, failed: false };
}

/** The response for a resource that was not created. */
export function responseWithoutResource(
  { urn, inputs }: Registration,
  failed: boolean,
): RegistrationResponse {
  return { urn, id: "", outputs: inputs, failed };
}

/** Predicts the response to a planned step. The program treats a missing output as unknown. */
export function previewOutputs(
  registration: Registration,
  { op, inputs }: Decision,
  old: ResourceState | undefined,
  provider: ResourceProvider | undefined,
): RegistrationResponse {
  const { urn, additionalSecretOutputs } = registration;
  if (old === undefined || op === "create" || op === "replace") {
    return { urn, id: "", outputs: markKeys(inputs, additionalSecretOutputs), failed: false };
  }
  if (op === "same") return responseFor({ ...old, urn });
  const outputs = provider?.previewUpdate?.(existingResource(old), unwrapObject(inputs)) ?? inputs;
  const marked = mapValues(outputs, (value, key) =>
    markSecrets(value, inputs[key] ?? old.outputs[key]),
  );
  return responseFor({ ...old, urn, outputs: markKeys(marked, additionalSecretOutputs) });
}
