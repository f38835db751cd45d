import { createRequire } from "node:module";
import type * as pulumi from "@pulumi/pulumi";
import { toWireObject, type WireObject } from "../../wire";
import type { ExistingResource, DiffResult, ResourceProvider } from "./provider";

/** The input that holds a dynamic resource's provider, as JavaScript that exports `handler`. */
export const PROVIDER_KEY = "__provider";

type DynamicProvider = pulumi.dynamic.ResourceProvider;
type Evaluate = (code: string) => { readonly handler: () => DynamicProvider };

/** Dynamic resources: calls their own provider as the SDK's provider process does, but in this process. */
export class DynamicResourceProvider implements ResourceProvider {
  readonly #loaded = new Map<string, DynamicProvider>();
  // Resolved from the SDK's provider process, so that the code finds the same modules as there.
  readonly #evaluate = createRequire(require.resolve("@pulumi/pulumi/cmd/dynamic-provider"))(
    "require-from-string",
  ) as Evaluate;

  async check(olds: WireObject | undefined, news: WireObject) {
    const result = await this.#load(news).check?.(copy(olds ?? {}), copy(news));
    const inputs = (result?.inputs as object | undefined) ?? news;
    return { inputs: withProvider(inputs, news), failures: result?.failures ?? [] };
  }

  async diff(
    old: ExistingResource,
    news: WireObject,
    changedKeys: readonly string[],
  ): Promise<DiffResult> {
    const result = await this.#load(news).diff?.(old.id, copy(old.outputs), copy(news));
    return {
      changes: result?.changes ?? changedKeys.length > 0,
      replaces: result?.replaces ?? [],
      deleteBeforeReplace: result?.deleteBeforeReplace ?? false,
    };
  }

  async create(news: WireObject) {
    const made = await this.#load(news).create(copy(news));
    return { id: made.id, outputs: withProvider(made.outs as object | undefined, news) };
  }

  async update(old: ExistingResource, news: WireObject) {
    const result = await this.#load(news).update?.(old.id, copy(old.outputs), copy(news));
    return withProvider(result?.outs as object | undefined, news);
  }

  async delete(old: ExistingResource): Promise<void> {
    await this.#load(old.outputs).delete?.(old.id, copy(old.outputs));
  }

  #load(properties: WireObject): DynamicProvider {
    const code = properties[PROVIDER_KEY] as string;
    const provider = this.#loaded.get(code) ?? this.#evaluate(code).handler();
    this.#loaded.set(code, provider);
    return provider;
  }
}

function withProvider(outs: object | undefined, news: WireObject): WireObject {
  return { ...toWireObject(outs ?? {}), [PROVIDER_KEY]: news[PROVIDER_KEY] ?? "" };
}

/** Copies inputs, since providers may change them. */
function copy(object: WireObject): WireObject {
  return structuredClone(object);
}
