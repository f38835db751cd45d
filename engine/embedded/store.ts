import * as state from "@pulumi/pulumi/runtime/state";

/** The part of the SDK's per-run store that this engine sets; the SDK's declarations leave it out as internal. */
export interface Store {
  readonly settings: { engine?: unknown };
}

declare module "@pulumi/pulumi/runtime/state" {
  export class LocalStore implements Store {
    readonly settings: { engine?: unknown };
  }
}

/** Runs `work` with a store of its own, as the SDK's inline programs are run, so that runs do not see each other. */
export function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const store = new state.LocalStore();
  return globalThis.asyncLocalStorage.run(store, () => work(store));
}
