import type { WireObject } from "../../wire";

/** A resource as a provider sees it: secrets without their envelopes. */
export interface Existing {
  readonly id: string;
  readonly inputs: WireObject;
  readonly outputs: WireObject;
}

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

/** What a change of inputs means. */
export interface Judgement {
  readonly changes: boolean;
  /** Keys whose change needs a new resource. */
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** Outputs that the provider promises to keep in an update; a preview can then go on with them. */
  readonly stables?: readonly string[];
}

/** What the resource lives with. */
export interface Surroundings {
  readonly urn: string;
  /** The inputs of the provider resource that it names, if it names one. */
  readonly providerInputs: WireObject | undefined;
}

/** Carries out the steps of one kind of resource. `create` adopts what an interrupted run has left behind. */
export interface ResourceProvider {
  check(
    olds: WireObject | undefined,
    news: WireObject,
  ): Promise<{ readonly inputs: WireObject; readonly failures: readonly CheckFailure[] }>;
  /** The inputs in one spelling, defaults filled in and sets sorted, so that only true differences show. */
  normalise(inputs: WireObject): WireObject;
  /** @param changedKeys top-level keys that differ */
  diff(old: Existing, news: WireObject, changedKeys: readonly string[]): Promise<Judgement>;
  /** The outputs that an update will have, as far as they are known before it. */
  previewUpdate(old: Existing, news: WireObject, stables: readonly string[]): WireObject;
  create(
    news: WireObject,
    around: Surroundings,
  ): Promise<{ readonly id: string; readonly outputs: WireObject }>;
  /** @returns the new outputs, and the id where a change of name changes it */
  update(
    old: Existing,
    news: WireObject,
    around: Surroundings,
  ): Promise<{ readonly id?: string; readonly outputs: WireObject }>;
  /** Succeeds also when the thing is already gone. */
  delete(old: Existing, around: Surroundings): Promise<void>;
  /** Outputs that are secret whatever the inputs are. */
  readonly secretOutputs: readonly string[];
}

/** A create or update that made the resource but did not finish: it is remembered, and tried again. */
export class UnfinishedError extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly outputs: WireObject,
  ) {
    super(message);
  }
}

/** What most providers share: inputs are taken as they are, a change is an update. */
export abstract class PlainProvider implements ResourceProvider {
  readonly secretOutputs: readonly string[] = [];

  check(_olds: WireObject | undefined, news: WireObject) {
    return Promise.resolve({ inputs: news, failures: this.problems?.(news) ?? [] });
  }

  protected problems?(news: WireObject): readonly CheckFailure[];

  normalise(inputs: WireObject): WireObject {
    return inputs;
  }

  diff(_old: Existing, _news: WireObject, changedKeys: readonly string[]): Promise<Judgement> {
    return Promise.resolve({
      changes: changedKeys.length > 0,
      replaces: [],
      deleteBeforeReplace: false,
    });
  }

  previewUpdate(old: Existing, news: WireObject): WireObject {
    return { ...old.outputs, ...news };
  }

  abstract create(
    news: WireObject,
    around: Surroundings,
  ): Promise<{ readonly id: string; readonly outputs: WireObject }>;

  abstract update(
    old: Existing,
    news: WireObject,
    around: Surroundings,
  ): Promise<{ readonly id?: string; readonly outputs: WireObject }>;

  abstract delete(old: Existing, around: Surroundings): Promise<void>;
}
