import { createRequire } from "node:module";
import type * as pulumi from "@pulumi/pulumi";
import { toWireObject, type WireObject } from "../../wire";
import {
  UnfinishedError,
  type CheckFailure,
  type Existing,
  type Judgement,
  type ResourceProvider,
} from "./provider";

/** The input that holds a dynamic resource's provider, as JavaScript that exports `handler`. */
export const PROVIDER_KEY = "__provider";

type DynamicProvider = pulumi.dynamic.ResourceProvider;
type Evaluate = (code: string) => { readonly handler: () => DynamicProvider };

/** Settings as a dynamic provider's `configure` asks for them. */
interface DynamicConfig {
  readonly project: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Dynamic resources: their own provider is called as the SDK's provider process calls it, but in this process. */
export class DynamicResourceProvider implements ResourceProvider {
  readonly secretOutputs: readonly string[] = [];
  readonly #loaded = new Map<string, Promise<DynamicProvider>>();
  readonly #evaluate: Evaluate;
  readonly #config: DynamicConfig;

  constructor(config: DynamicConfig) {
    this.#config = config;
    // Resolved from the SDK's provider process, so that the code sees the modules that it would see there.
    const sdk = createRequire(require.resolve("@pulumi/pulumi/cmd/dynamic-provider"));
    this.#evaluate = sdk("require-from-string") as Evaluate;
  }

  async check(olds: WireObject | undefined, news: WireObject) {
    const provider = await this.#load(news);
    if (provider.check === undefined) return { inputs: news, failures: [] };
    const result = await provider.check(copy(olds ?? {}), copy(news));
    const failures: readonly CheckFailure[] = result.failures ?? [];
    const inputs: object = (result.inputs as object | undefined) ?? news;
    return { inputs: withProvider(inputs, news), failures };
  }

  normalise(inputs: WireObject): WireObject {
    return inputs;
  }

  async diff(old: Existing, news: WireObject, changedKeys: readonly string[]): Promise<Judgement> {
    const provider = await this.#load(news);
    const result = await provider.diff?.(old.id, copy(old.outputs), copy(news));
    return {
      changes: result?.changes ?? changedKeys.length > 0,
      replaces: result?.replaces ?? [],
      deleteBeforeReplace: result?.deleteBeforeReplace ?? false,
      stables: result?.stables ?? [],
    };
  }

  /** A dynamic provider has no preview: what is not an input is not known, unless it is said to be stable. */
  previewUpdate(old: Existing, news: WireObject, stables: readonly string[]): WireObject {
    const kept = Object.entries(old.outputs).filter(([key]) => stables.includes(key));
    return { ...Object.fromEntries(kept), ...news };
  }

  async create(news: WireObject) {
    const provider = await this.#load(news);
    const result = await this.#finish(news, () => provider.create(copy(news)));
    return { id: result.id, outputs: withProvider(result.outs as object | undefined, news) };
  }

  async update(old: Existing, news: WireObject) {
    const provider = await this.#load(news);
    const result = await this.#finish(
      news,
      async () => (await provider.update?.(old.id, copy(old.outputs), copy(news))) ?? {},
    );
    return { outputs: withProvider(result.outs as object | undefined, news) };
  }

  async delete(old: Existing): Promise<void> {
    const provider = await this.#load(old.outputs);
    await provider.delete?.(old.id, copy(old.outputs));
  }

  /** An error with an id says that the resource exists although it is not ready. */
  async #finish<T>(news: WireObject, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof Error && "id" in error && typeof error.id === "string")) throw error;
      const properties =
        "properties" in error && typeof error.properties === "object" ? error.properties : {};
      const reasons = "reasons" in error && Array.isArray(error.reasons) ? error.reasons : [];
      throw new UnfinishedError(
        [error.message, ...reasons.map(String)].join("; "),
        error.id,
        withProvider(properties, news),
      );
    }
  }

  #load(properties: WireObject): Promise<DynamicProvider> {
    const code = properties[PROVIDER_KEY];
    if (typeof code !== "string") throw new Error(`a dynamic resource without ${PROVIDER_KEY}`);
    const loaded = this.#loaded.get(code) ?? this.#configure(code);
    this.#loaded.set(code, loaded);
    return loaded;
  }

  async #configure(code: string): Promise<DynamicProvider> {
    const provider = this.#evaluate(code).handler();
    const { project, values } = this.#config;
    const get = (key: string): string | undefined =>
      values[key.includes(":") ? key : `${project}:${key}`];
    const require = (key: string): string => {
      const value = get(key);
      if (value === undefined) throw new Error(`Missing required configuration key: ${key}`);
      return value;
    };
    await provider.configure?.({ config: { get, require } });
    return provider;
  }
}

function withProvider(outs: object | null | undefined, news: WireObject): WireObject {
  return { ...toWireObject(outs ?? {}), [PROVIDER_KEY]: news[PROVIDER_KEY] ?? "" };
}

/** Providers may change what they are given. */
function copy(object: WireObject): WireObject {
  return structuredClone(object);
}
