import type { Operation, PlannedResource } from "../engine";
import type { Decision } from "./decision";
import { PROVIDER_KEY } from "./providers/dynamic";
import { providerUrn, type Registration } from "./registration";
import type { RegistrationRecord, ResourceState } from "./state-file";
import { maskObject, type WireObject } from "../wire";

/** A row of a plan. */
export function plannedRow(
  registration: Registration,
  { op, inputs, changes }: Decision,
  aliases: readonly string[],
): PlannedResource {
  const { deleteBeforeReplace = false, ignoreChanges, customTimeouts } = registration;
  const row = rowOf({ ...registration, inputs }, op);
  return {
    ...row,
    changedKeys: changes.map(({ path }) => path),
    changes,
    options: {
      ...row.options,
      deleteBeforeReplace,
      ignoreChanges,
      aliases,
      // Omitted if the program sets none.
      ...(Object.keys(customTimeouts).length > 0 && { customTimeouts }),
    },
  };
}

/** The row of a deletion. */
export function deletionRow(resource: ResourceState): PlannedResource {
  return rowOf(resource, "delete");
}

function rowOf(resource: RegistrationRecord, op: Operation): PlannedResource {
  const { urn, type, protect, retainOnDelete, deletedWith, dependencies, parent } = resource;
  return {
    urn,
    type,
    op,
    changedKeys: [],
    changes: [],
    inputs: shown(resource.inputs),
    options: {
      protect,
      retainOnDelete,
      deletedWith,
      deleteBeforeReplace: false,
      ignoreChanges: [],
      dependencies,
      // Without inputs that depend on no resource.
      propertyDependencies: Object.fromEntries(
        Object.entries(resource.propertyDependencies).filter(([, urns]) => urns.length > 0),
      ),
      provider: providerUrn(resource.provider),
      parent,
      aliases: [],
    },
  };
}

/** The inputs without secrets, and without a dynamic provider's code, which is not a property. */
function shown(inputs: WireObject): WireObject {
  return Object.fromEntries(
    Object.entries(maskObject(inputs)).filter(([key]) => key !== PROVIDER_KEY),
  );
}
