import type * as library from "@kubernetes/client-node";

/** The client of the Kubernetes API. Loaded when it is needed: that takes half a second, and most runs do without. */
export function clientLibrary(): Promise<typeof library> {
  return import("@kubernetes/client-node");
}
