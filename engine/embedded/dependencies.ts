import { providerUrn } from "./registration";
import type { ResourceState } from "./state-file";

/** URNs of everything that must exist as long as the resource does. */
function needs(resource: ResourceState): readonly string[] {
  return [
    resource.parent,
    providerUrn(resource.provider),
    resource.deletedWith,
    ...resource.dependencies,
    ...Object.values(resource.propertyDependencies).flat(),
  ].filter((urn) => urn !== "");
}

/** Sorts resources so that each comes after all that it needs. Pure; otherwise keeps the given order. */
export function inCreationOrder(resources: readonly ResourceState[]): readonly ResourceState[] {
  const byUrn = new Map<string, ResourceState[]>();
  for (const resource of resources) {
    byUrn.set(resource.urn, [...(byUrn.get(resource.urn) ?? []), resource]);
  }
  const ordered = new Set<ResourceState>();
  const visiting = new Set<ResourceState>();
  const visit = (resource: ResourceState): void => {
    if (ordered.has(resource) || visiting.has(resource)) return;
    visiting.add(resource);
    for (const urn of needs(resource)) byUrn.get(urn)?.forEach(visit);
    ordered.add(resource);
  };
  resources.forEach(visit);
  return [...ordered];
}

/** Sorts resources so that each comes before all that it needs. */
export function inDeletionOrder(resources: readonly ResourceState[]): readonly ResourceState[] {
  return [...inCreationOrder(resources)].reverse();
}

/** All URNs that a resource needs, directly or indirectly. */
export function allNeeds(
  resource: ResourceState,
  resources: readonly ResourceState[],
): ReadonlySet<string> {
  const found = new Set<string>();
  const queue = [...needs(resource)];
  for (let urn = queue.pop(); urn !== undefined; urn = queue.pop()) {
    if (found.has(urn)) continue;
    found.add(urn);
    for (const other of resources) if (other.urn === urn) queue.push(...needs(other));
  }
  return found;
}
