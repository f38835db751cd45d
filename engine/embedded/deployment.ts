import { ROOT_TYPE, shortType } from "../names";
import { UserError, type PlannedResource } from "../engine";
import {
  responseFor,
  previewOutputs,
  responseWithoutResource,
  type RegistrationResponse,
} from "./registration-responses";
import { decide, existingResource, type Decision } from "./decision";
import { inCreationOrder, inDeletionOrder } from "./dependencies";
import type { Providers } from "./providers/providers-by-type";
import type { ResourceProvider } from "./providers/provider";
import type { Redactor } from "./redactor";
import { plannedRow } from "./plan-rows";
import {
  aliasUrns,
  providerMismatch,
  providerUrn,
  type ProjectNames,
  type Registration,
} from "./registration";
import type { State } from "./state";
import type { ResourceState } from "./state-file";
import { StepFailed, type Steps } from "./steps";
import { UNKNOWN, mapValues, unwrapObject, type WireObject } from "../wire";

/** One run of the program against the state. It plans the operations; with {@link Steps} it also applies them. */
export class Deployment {
  readonly plan: PlannedResource[] = [];
  /** Failures of the providers' checks, one sentence each. */
  readonly checkFailures: string[] = [];
  readonly unsupported = new Set<string>();
  /** Protected resources that replacements would delete. */
  readonly protectedDeletions: ResourceState[] = [];
  outputs: WireObject | undefined;

  readonly #registered = new Set<string>();
  readonly #replaced = new Set<string>();
  /** Deleted early, since the resource that contains them is being replaced. */
  readonly #deletedEarly = new Set<string>();

  constructor(
    private readonly names: ProjectNames,
    private readonly state: State,
    private readonly providers: Providers,
    private readonly redactor: Redactor,
    private readonly steps?: Steps,
  ) {}

  isRegistered(urn: string): boolean {
    return this.#registered.has(urn);
  }

  async register(registration: Registration): Promise<RegistrationResponse> {
    const { urn, type, custom, unsupported } = registration;
    if (this.#registered.has(urn)) {
      this.checkFailures.push(
        `Two resources of type ${type} have the name "${registration.name}", which must be unique. Rename one of them.`,
      );
      return responseWithoutResource(registration, false);
    }
    const mismatch = providerMismatch(registration);
    if (mismatch !== undefined) this.checkFailures.push(mismatch);
    for (const option of unsupported) {
      this.checkFailures.push(
        `${shortType(type)} ${registration.name}: the embedded engine does not support the option ${option}.`,
      );
    }
    this.#registered.add(urn);
    this.redactor.addSecrets(registration.inputs);
    const old = this.#findOld(registration);
    const provider = this.providers.find(type, custom);
    if (provider === undefined) this.unsupported.add(type);

    const decision = await this.#decide(registration, old, provider);
    if (typeof decision === "string") {
      this.checkFailures.push(`${shortType(type)} ${registration.name}: ${decision}`);
      this.steps?.fail(urn, new Error(decision));
      return responseWithoutResource(registration, this.steps !== undefined);
    }
    this.plan.push(plannedRow(registration, decision, aliasUrns(this.names, registration)));
    if (decision.op === "replace") this.#replaced.add(urn);
    const dependents = await this.#dependentsOfReplacement(decision, old);
    if (this.steps === undefined) {
      if (old !== undefined && decision.op === "replace") {
        this.protectedDeletions.push(...protectedLosses(registration, old, dependents));
      }
      for (const dependent of dependents) this.#deletedEarly.add(dependent.urn);
      return previewOutputs(registration, decision, old, provider);
    }
    if (provider === undefined) {
      this.steps.fail(urn, new Error(`the embedded engine cannot apply a ${type}`));
      return responseWithoutResource(registration, true);
    }
    return this.#apply(registration, decision, old, provider, dependents, this.steps);
  }

  registerOutputs(urn: string, outputs: WireObject): void {
    const entry = this.state.find(urn);
    const isRoot = urn.split("::")[2] === ROOT_TYPE;
    if (isRoot) this.outputs = outputs;
    this.redactor.addSecrets(outputs);
    // A failing program registers only some or none of the stack's outputs: see `settleOutputs`.
    if (entry !== undefined && !isRoot) this.steps?.keepOutputs(entry, outputs);
  }

  /** Records the stack's outputs. After a failure, outputs that this run did not produce keep their old values. */
  recordOutputs(): void {
    const { root } = this.state;
    if (root === undefined || this.outputs === undefined) return;
    const kept = this.steps?.broken === true ? root.outputs : {};
    this.steps?.keepOutputs(root, { ...kept, ...this.outputs });
  }

  /** Resources that the program no longer registers or has replaced, in the order of deletion. */
  obsoleteResources(): readonly ResourceState[] {
    const doomed = this.state.resources.filter(
      ({ urn, condemned }) => condemned || !this.#registered.has(urn),
    );
    return inDeletionOrder(doomed);
  }

  #findOld(registration: Registration): ResourceState | undefined {
    const current = this.state.find(registration.urn);
    if (current !== undefined) return current;
    for (const urn of aliasUrns(this.names, registration)) {
      const former = this.state.find(urn);
      if (former === undefined || this.#registered.has(urn)) continue;
      return this.state.rename(former, registration.urn);
    }
    return undefined;
  }

  /** @returns the decision, or the error text if the provider's check fails */
  async #decide(
    registration: Registration,
    old: ResourceState | undefined,
    provider: ResourceProvider | undefined,
  ): Promise<Decision | string> {
    try {
      const decision = await decide(registration, old, provider, this.#replaced);
      const early = this.#deletedEarly.has(registration.urn);
      return early ? { ...decision, op: "replace" } : decision;
    } catch (error) {
      return this.redactor.redact(error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * Resources that must be deleted with one that is deleted before its replacement: those that are inside it, use it as
   * their provider, or must be replaced themselves when an input from it changes.
   */
  async #dependentsOfReplacement(
    decision: Decision,
    old: ResourceState | undefined,
  ): Promise<readonly ResourceState[]> {
    if (old === undefined || decision.op !== "replace" || !decision.deleteBeforeReplace) return [];
    const gone = new Set([old.urn]);
    const dependents: ResourceState[] = [];
    for (const resource of inCreationOrder(this.state.resources)) {
      if (!resource.custom || resource.condemned || this.#registered.has(resource.urn)) continue;
      const lost =
        gone.has(providerUrn(resource.provider)) ||
        gone.has(resource.deletedWith) ||
        (await this.#isReplacedWithout(resource, gone));
      if (!lost) continue;
      gone.add(resource.urn);
      dependents.push(resource);
    }
    return [...dependents].reverse();
  }

  async #isReplacedWithout(resource: ResourceState, gone: ReadonlySet<string>): Promise<boolean> {
    const provider = this.providers.find(resource.type, resource.custom);
    const lostKeys = Object.entries(resource.propertyDependencies)
      .filter(([key, urns]) => key in resource.inputs && urns.some((urn) => gone.has(urn)))
      .map(([key]) => key);
    if (provider === undefined || lostKeys.length === 0) return false;
    const inputs = mapValues(unwrapObject(resource.inputs), (value, key) =>
      lostKeys.includes(key) ? UNKNOWN : value,
    );
    const judgement = await provider.diff?.(existingResource(resource), inputs, lostKeys);
    return judgement?.changes === true && judgement.replaces.length > 0;
  }

  async #apply(
    registration: Registration,
    decision: Decision,
    old: ResourceState | undefined,
    provider: ResourceProvider,
    dependents: readonly ResourceState[],
    steps: Steps,
  ): Promise<RegistrationResponse> {
    const { urn } = registration;
    try {
      if (decision.op === "same" && old !== undefined) {
        return responseFor(steps.keep(registration, decision, old));
      }
      const entry = await steps.run(urn, decision.op, async () => {
        if (old === undefined || old.pending === "create" || old.pending === "delete") {
          return steps.create(registration, decision, provider, old);
        }
        if (decision.op === "update") return steps.update(registration, decision, provider, old);
        const losses = protectedLosses(registration, old, dependents);
        if (losses.length > 0) throw protectedError(losses);
        if (!decision.deleteBeforeReplace) {
          return steps.replace(registration, decision, provider, old);
        }
        for (const dependent of dependents) this.#deletedEarly.add(dependent.urn);
        // Resources inside a replaced one are deleted with it.
        const doomed = new Set([...this.#replaced, ...dependents.map((other) => other.urn)]);
        for (const dependent of dependents) await steps.delete(dependent, doomed);
        await steps.delete(old, doomed);
        return steps.create(registration, decision, provider, old);
      });
      return responseFor(entry);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      return responseWithoutResource(registration, true);
    }
  }
}

/** Protected resources that a replacement would delete. One that is unprotected in the same run may be replaced. */
function protectedLosses(
  registration: Registration,
  old: ResourceState,
  dependents: readonly ResourceState[],
): readonly ResourceState[] {
  return [...(registration.protect ? [old] : []), ...dependents].filter(({ protect }) => protect);
}

export function protectedError(resources: readonly { readonly urn: string }[]): UserError {
  const urns = resources.map(({ urn }) => `  ${urn}`).join("\n");
  return new UserError(
    `Protected resources would be deleted:\n${urns}\nNothing was deleted. To delete them, first remove their protection in the settings and run \`up\`.`,
  );
}
