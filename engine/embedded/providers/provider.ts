import { sameValue, type WireObject } from "../../wire";

/** A resource as a provider sees it: secrets without their envelopes. */
export interface Existing {
  readonly id: string;
  readonly inputs: WireObject;
  readonly outputs: WireObject;
}

/** What a change of inputs means. */
export interface Judgement {
  readonly changes: boolean;
  /** Keys whose change needs a new resource. */
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** What the resource lives with. */
export interface Surroundings {
  readonly urn: string;
  /** The inputs of the provider resource that it names, if it names one. */
  readonly providerInputs: WireObject | undefined;
}

/** Carries out the steps of one kind of resource. `create` adopts what an interrupted run has left behind. */
export interface ResourceProvider {
  /** @default the inputs are taken as they are */
  check?(
    olds: WireObject | undefined,
    news: WireObject,
  ): Promise<{
    readonly inputs: WireObject;
    readonly failures: readonly { readonly property: string; readonly reason: string }[];
  }>;
  /**
   * The inputs in one spelling, defaults filled in and sets sorted, so that only true differences show.
   * @default as they are
   */
  normalise?(inputs: WireObject): WireObject;
  /**
   * @param changedKeys top-level keys that differ
   * @default a change is an update
   */
  diff?(
    old: Existing,
    news: WireObject,
    changedKeys: readonly string[],
  ): Judgement | Promise<Judgement>;
  /** The outputs that an update will have, as far as they are known before it. @default the inputs */
  previewUpdate?(old: Existing, news: WireObject): WireObject;
  create(news: WireObject, around: Surroundings): Promise<Pick<Existing, "id" | "outputs">>;
  /** @returns the new outputs */
  update(old: Existing, news: WireObject, around: Surroundings): Promise<WireObject>;
  /** Succeeds also when the thing is already gone. */
  delete(old: Existing, around: Surroundings): Promise<void>;
}

/** A check that refuses what a provider here would pass over: an input that it does not read, unless it is the default. */
export function onlyInputs(
  read: readonly string[],
  defaults: WireObject,
): NonNullable<ResourceProvider["check"]> {
  return (_olds, news) =>
    Promise.resolve({
      inputs: news,
      failures: Object.entries(news)
        .filter(([key, value]) => !read.includes(key) && !sameValue(defaults[key], value))
        .map(([property]) => ({
          property,
          reason: `the embedded engine does not know this input; it reads ${read.join(", ")}`,
        })),
    });
}
