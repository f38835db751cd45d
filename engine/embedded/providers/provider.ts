import { sameValue, type WireObject } from "../../wire";

/** An existing resource as a provider receives it: secrets without their envelopes. */
export interface ExistingResource {
  readonly id: string;
  readonly inputs: WireObject;
  readonly outputs: WireObject;
}

/** The consequence of changed inputs. */
export interface DiffResult {
  readonly changes: boolean;
  /** Keys whose change needs a new resource. */
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** The context of a step. */
export interface StepContext {
  readonly urn: string;
  /** Inputs of the resource's provider resource, if it has one. */
  readonly providerInputs: WireObject | undefined;
}

/** Runs the steps of one kind of resource. `create` adopts a resource that an interrupted run left behind. */
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
   * The inputs in a canonical form, with defaults filled in and sets sorted, so that only real differences remain.
   * @default as they are
   */
  normalise?(inputs: WireObject): WireObject;
  /**
   * @param changedKeys top-level keys that differ
   * @default a change is an update
   */
  diff?(
    old: ExistingResource,
    news: WireObject,
    changedKeys: readonly string[],
  ): DiffResult | Promise<DiffResult>;
  /** The outputs after an update, as far as they are known before it. @default the inputs */
  previewUpdate?(old: ExistingResource, news: WireObject): WireObject;
  create(news: WireObject, around: StepContext): Promise<Pick<ExistingResource, "id" | "outputs">>;
  /** @returns the new outputs */
  update(old: ExistingResource, news: WireObject, around: StepContext): Promise<WireObject>;
  /** Also succeeds if the resource no longer exists. */
  delete(old: ExistingResource, around: StepContext): Promise<void>;
}

/** A check that refuses an input that the provider would ignore, unless it has its default value. */
export function checkSupportedInputs(
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
          reason: `the embedded engine does not support this input; allowed: ${read.join(", ")}`,
        })),
    });
}
