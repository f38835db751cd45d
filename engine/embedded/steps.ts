import type { Failure, Operation, Progress } from "../engine";
import { existingResource, type Decision } from "./decision";
import type { Interrupt } from "./interrupt";
import type { Providers } from "./providers/providers-by-type";
import type { ResourceProvider, StepContext } from "./providers/provider";
import { providerUrn, type Registration } from "./registration";
import type { Redactor } from "./redactor";
import type { State } from "./state";
import type { ResourceState } from "./state-file";
import { markKeys, markSecrets, mapValues, unwrapObject, type WireObject } from "../wire";

/** A failed step that was already reported. */
export class StepFailed extends Error {}

/**
 * Runs single steps and updates the state after each. Marks a step as pending before it starts, and removes the mark
 * after it, so that the run after a kill finds the steps that may be half done, and repeats them.
 */
export class Steps {
  readonly done: { readonly urn: string; readonly op: Operation }[] = [];
  readonly failed: Failure[] = [];

  constructor(
    private readonly state: State,
    private readonly providers: Providers,
    private readonly redactor: Redactor,
    private readonly progress: Progress,
    private readonly interrupt: Interrupt,
  ) {}

  /** Whether the run can no longer succeed. */
  get broken(): boolean {
    return this.failed.length > 0 || this.interrupt.stopping;
  }

  /** Runs one step and reports it. Throws {@link StepFailed}. @param counts whether it counts as a separate step */
  async run<T>(urn: string, op: Operation, work: () => Promise<T>, counts = true): Promise<T> {
    if (this.interrupt.stopping) throw new StepFailed("interrupted");
    // Its result could not be recorded. The step that failed to write the state has reported it.
    if (this.state.saveFailed) throw new StepFailed("the state cannot be written");
    const begin = Date.now();
    this.progress.started(urn, op);
    try {
      const result = await this.interrupt.during(work());
      this.progress.finished(urn, op, (Date.now() - begin) / 1000);
      if (counts) this.done.push({ urn, op });
      return result;
    } catch (error) {
      throw this.fail(urn, error);
    }
  }

  fail(urn: string, error: unknown): StepFailed {
    const message = error instanceof Error ? error.message : String(error);
    const reason = this.redactor.redact(message === "" ? "failed without a message" : message);
    this.failed.push({ urn, reason });
    this.progress.failed(urn, reason);
    return new StepFailed(reason);
  }

  /** Only records the registration of an unchanged resource. */
  keep(registration: Registration, decision: Decision, old: ResourceState): ResourceState {
    const entry = describe(registration, decision.inputs, old);
    if (JSON.stringify(entry) !== JSON.stringify(old)) this.#record(entry);
    return entry;
  }

  /** Records outputs that the program registers itself, such as those of a component. */
  keepOutputs(entry: ResourceState, outputs: WireObject): void {
    if (JSON.stringify(entry.outputs) !== JSON.stringify(outputs)) {
      this.#record({ ...entry, outputs });
    }
  }

  /** Marks the run as successful, unless it failed. */
  end(): void {
    if (this.broken) return;
    try {
      this.state.end();
    } catch (error) {
      this.fail(this.state.root?.urn ?? "", error);
    }
  }

  /** Writes a change that is not the result of a step. */
  #record(entry: ResourceState): void {
    if (this.state.saveFailed) return;
    try {
      this.#write(entry);
    } catch (error) {
      this.fail(entry.urn, error);
    }
  }

  async create(
    registration: Registration,
    decision: Decision,
    provider: ResourceProvider,
    found: ResourceState | undefined,
  ): Promise<ResourceState> {
    // Finishes an interrupted deletion first, since remains of the old resource may be in the way.
    if (found?.pending === "delete") await this.#destroy(found, provider);
    const blank = {
      id: "",
      outputs: {},
      serial: found?.pending === "create" ? found.serial : this.state.nextSerial(),
    };
    const entry = describe(registration, decision.inputs, blank);
    this.#write({ ...entry, pending: "create" });
    try {
      const inputs = unwrapObject(decision.inputs);
      const { id, outputs } = await provider.create(inputs, this.#around(entry));
      return this.#write({ ...entry, id, outputs: this.#mark(registration, entry, outputs) });
    } catch (error) {
      this.#remove(entry);
      throw error;
    }
  }

  async update(
    registration: Registration,
    decision: Decision,
    provider: ResourceProvider,
    old: ResourceState,
  ): Promise<ResourceState> {
    this.#write({ ...old, pending: "update" });
    const entry = describe(registration, decision.inputs, old);
    const inputs = unwrapObject(decision.inputs);
    const outputs = await provider.update(existingResource(old), inputs, this.#around(entry));
    return this.#write({ ...entry, outputs: this.#mark(registration, entry, outputs) });
  }

  /** Creates the new resource first. The old one is deleted after everything else uses the new one. */
  async replace(
    registration: Registration,
    decision: Decision,
    provider: ResourceProvider,
    old: ResourceState,
  ): Promise<ResourceState> {
    this.state.put({ ...old, condemned: true });
    try {
      return await this.create(registration, decision, provider, old);
    } catch (error) {
      this.#write(old);
      throw error;
    }
  }

  /** @param doomed everything that is deleted in the same operation */
  async delete(entry: ResourceState, doomed: ReadonlySet<string>): Promise<void> {
    const provider = this.providers.find(entry.type, entry.custom);
    const goesAlong = entry.deletedWith !== "" && doomed.has(entry.deletedWith);
    if (entry.retainOnDelete || goesAlong) this.#remove(entry);
    else if (provider === undefined)
      throw new Error(`the embedded engine cannot delete a ${entry.type}`);
    else await this.#destroy(entry, provider);
  }

  async #destroy(entry: ResourceState, provider: ResourceProvider): Promise<void> {
    const around = this.#around(entry);
    let doomed = entry;
    if (entry.pending === "create") {
      // It is unknown how far it came. Creating it again adopts the resource and returns the id for the deletion.
      const { id, outputs } = await provider.create(unwrapObject(entry.inputs), around);
      doomed = { ...entry, id, outputs: markOutputs(outputs, entry.inputs) };
    }
    this.#write({ ...doomed, pending: "delete" });
    await provider.delete(existingResource(doomed), around);
    this.#remove(entry);
  }

  #around(entry: ResourceState): StepContext {
    const provider = this.state.find(providerUrn(entry.provider));
    return { urn: entry.urn, providerInputs: provider && unwrapObject(provider.inputs) };
  }

  #mark(registration: Registration, entry: ResourceState, outputs: WireObject): WireObject {
    return markKeys(markOutputs(outputs, entry.inputs), registration.additionalSecretOutputs);
  }

  #write(entry: ResourceState): ResourceState {
    this.redactor.addSecrets(entry.inputs);
    this.redactor.addSecrets(entry.outputs);
    this.state.put(entry);
    this.state.save();
    return entry;
  }

  #remove(entry: ResourceState): void {
    this.state.remove(entry);
    this.state.save();
  }
}

/** Outputs that echo a secret input are secret. */
function markOutputs(outputs: WireObject, inputs: WireObject): WireObject {
  return mapValues(outputs, (value, key) => markSecrets(value, inputs[key]));
}

/** The state entry of a resource, from its registration and its known id and outputs. */
function describe(
  registration: Registration,
  inputs: WireObject,
  known: Pick<ResourceState, "serial" | "id" | "outputs">,
): ResourceState {
  return {
    serial: known.serial,
    urn: registration.urn,
    type: registration.type,
    custom: registration.custom,
    id: known.id,
    inputs,
    outputs: known.outputs,
    parent: registration.parent,
    provider: registration.provider,
    dependencies: registration.dependencies,
    propertyDependencies: registration.propertyDependencies,
    protect: registration.protect,
    retainOnDelete: registration.retainOnDelete,
    deletedWith: registration.deletedWith,
  };
}
