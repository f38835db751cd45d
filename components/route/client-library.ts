import type * as library from "@kubernetes/client-node";

/**
 * Client library of the Kubernetes API. Loaded on demand: loading takes half a second, and most runs do not need it.
 */
export function clientLibrary(): Promise<typeof library> {
  return import("@kubernetes/client-node");
}
