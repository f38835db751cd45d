import type { PlannedResource } from "../engine";
import type { Decision } from "./decision";
import { PROVIDER_KEY } from "./providers/dynamic";
import { providerUrn, type Registration } from "./registration";
import type { ResourceState } from "./state";
import { maskObject, type WireObject } from "../wire";

/** A row of a plan. */
export function plannedRow(
  registration: Registration,
  decision: Decision,
  aliases: readonly string[],
): PlannedResource {
  return {
    urn: registration.urn,
    type: registration.type,
    op: decision.op,
    changedKeys: decision.changes.map(({ path }) => path),
    changes: decision.changes,
    inputs: shown(decision.inputs),
    options: {
      protect: registration.protect,
      retainOnDelete: registration.retainOnDelete,
      deletedWith: registration.deletedWith,
      deleteBeforeReplace: registration.deleteBeforeReplace ?? false,
      ignoreChanges: registration.ignoreChanges,
      dependencies: registration.dependencies,
      propertyDependencies: withUrns(registration.propertyDependencies),
      provider: providerUrn(registration.provider),
      parent: registration.parent,
      aliases,
      ...timeouts(registration),
    },
  };
}

/** The row of something that goes. */
export function deletionRow(resource: ResourceState): PlannedResource {
  return {
    urn: resource.urn,
    type: resource.type,
    op: "delete",
    changedKeys: [],
    changes: [],
    inputs: shown(resource.inputs),
    options: {
      protect: resource.protect,
      retainOnDelete: resource.retainOnDelete,
      deletedWith: resource.deletedWith,
      deleteBeforeReplace: false,
      ignoreChanges: [],
      dependencies: resource.dependencies,
      propertyDependencies: withUrns(resource.propertyDependencies),
      provider: providerUrn(resource.provider),
      parent: resource.parent,
      aliases: [],
    },
  };
}

/** None where the program names none. */
function timeouts({ customTimeouts }: Registration) {
  return Object.keys(customTimeouts).length > 0 ? { customTimeouts } : {};
}

/** Without the inputs that are made from no resource. */
function withUrns(
  dependencies: Registration["propertyDependencies"],
): Registration["propertyDependencies"] {
  return Object.fromEntries(Object.entries(dependencies).filter(([, urns]) => urns.length > 0));
}

/** Without secrets, and without the code of a dynamic resource's provider, which is no property of it. */
function shown(inputs: WireObject): WireObject {
  return Object.fromEntries(
    Object.entries(maskObject(inputs)).filter(([key]) => key !== PROVIDER_KEY),
  );
}
