import { diffInputs, formatPath, parsePath, show, type Step } from "../wire-diff";
import { comparableInputs, isSet } from "../wire-sets";
import {
  isList,
  isObject,
  isSecret,
  map,
  markSecrets,
  maskObject,
  secret,
  toWireObject,
  type Wire,
  type WireObject,
} from "../wire";
import type { Operation, Plan, PlannedOptions, PlannedResource, Timeouts } from "../engine";

/** The parts of the output of `pulumi preview --json` that are read here. Secrets are already `[secret]`. */
interface PreviewDocument {
  readonly steps?: readonly PreviewStep[];
  readonly diagnostics?: readonly PreviewDiagnostic[];
}

export interface PreviewDiagnostic {
  readonly urn?: string;
  readonly severity: string;
  readonly message: string;
}

interface PreviewStep {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: ResourceSnapshot | null;
  readonly newState?: ResourceSnapshot | null;
  readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
  readonly diffReasons?: readonly string[] | null;
  readonly replaceReasons?: readonly string[] | null;
}

interface ResourceSnapshot {
  readonly type: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly parent?: string;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly deletedWith?: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
  readonly provider?: string;
  readonly aliases?: readonly string[];
  readonly ignoreChanges?: readonly string[];
  readonly customTimeouts?: Timeouts | null;
}

/** The steps and messages of one preview. */
export interface PulumiPreview {
  readonly resources: Plan["resources"];
  readonly diagnostics: readonly PreviewDiagnostic[];
}

/** Reads the document that `pulumi preview --json` prints, with or without `--show-sames`. */
export function readPreview(text: string): PulumiPreview {
  const document = JSON.parse(text) as PreviewDocument;
  return {
    resources: (document.steps ?? []).flatMap(planStep),
    diagnostics: document.diagnostics ?? [],
  };
}

/** The operation for each step name of Pulumi; undefined for a part of another step. */
export const OPERATIONS: Readonly<Partial<Record<string, Operation>>> = {
  create: "create",
  import: "create",
  update: "update",
  replace: "replace",
  delete: "delete",
  same: "same",
};

function planStep(step: PreviewStep): PlannedResource[] {
  const op = OPERATIONS[step.op];
  const state = step.newState ?? step.oldState;
  if (op === undefined || state === null || state === undefined) return [];
  const changes = op === "update" || op === "replace" ? changesOf(step) : [];
  return [
    {
      urn: step.urn,
      type: state.type,
      op,
      changedKeys: changes.map((change) => change.path),
      changes,
      inputs: maskObject(inputsOf(state)),
      options: optionsOf(state),
    },
  ];
}

/** Differences of the inputs, and those only the provider reports: inside secrets, or found on the server. */
function changesOf(step: PreviewStep): PlannedResource["changes"] {
  const type = (step.newState ?? step.oldState)?.type ?? "";
  const compared = (state: PreviewStep["newState"]) => comparableInputs(type, inputsOf(state));
  const changes = diffInputs(compared(step.oldState), compared(step.newState));
  const named = [
    ...Object.keys(step.detailedDiff ?? {}),
    ...(step.diffReasons ?? []),
    ...(step.replaceReasons ?? []),
  ].map((path) => wholeList(step, wholeSet(type, path)));
  const hidden = [...new Set(named)].filter(
    (name) => !changes.some(({ path }) => startsWith(path, name) || startsWith(name, path)),
  );
  return [...changes, ...hidden.map((path) => found(step, path))];
}

/** The set that contains the path, if any: an index does not identify a member of a set. */
function wholeSet(type: string, path: string): string {
  const [input = path] = /^\w+/.exec(path) ?? [];
  return isSet(type, input) ? input : path;
}

/** The list that contains the path, if any: the server may order it differently, so an index identifies no member. */
function wholeList(step: PreviewStep, path: string): string {
  const steps = parsePath(path);
  const outer = steps.slice(0, -1);
  return typeof steps.at(-1) === "number" && valuesOf(step, outer).some(isList)
    ? formatPath(outer)
    : path;
}

/** Drift: a difference between the server and inputs that did not change. */
function found(step: PreviewStep, path: string): PlannedResource["changes"][number] {
  const values = valuesOf(step, parsePath(path));
  const [is, wanted] = values;
  // The provider may return in plain text a value that the program marked as secret.
  const text = (value: Wire | undefined) =>
    show(value === undefined ? value : values.reduce<Wire>(markSecrets, value));
  return { path, from: text(is), to: text(wanted) };
}

/** One property: its actual value, its wanted value, and other values, which show whether it is secret. */
function valuesOf(
  { oldState, newState }: PreviewStep,
  path: readonly Step[],
): readonly (Wire | undefined)[] {
  const found = oldState?.outputs ?? oldState?.inputs;
  const states = [found, newState?.inputs, oldState?.inputs, newState?.outputs];
  return states.map((values) => valueAt(values && withEnvelopes(toWireObject(values)), path));
}

function valueAt(value: Wire | undefined, path: readonly Step[]): Wire | undefined {
  const [step, ...rest] = path;
  if (step === undefined || isSecret(value)) return value;
  if (isList(value)) return typeof step === "number" ? valueAt(value[step], rest) : undefined;
  return isObject(value) && typeof step === "string" ? valueAt(value[step], rest) : undefined;
}

/** Turns the CLI's `[secret]` back into a marked secret. */
function withEnvelopes(value: Wire): Wire {
  return map(value, (part) => {
    if (part === "[secret]") return secret(part);
    return isSecret(part) ? part : undefined;
  });
}

function startsWith(path: string, beginning: string): boolean {
  if (!path.startsWith(beginning)) return false;
  const next = path[beginning.length];
  return next === undefined || next === "." || next === "[";
}

/** The provider that the program names; empty for the CLI's own, which are called `default`. */
function providerOf({ provider = "" }: ResourceSnapshot): string {
  const urn = provider.split("::").slice(0, -1).join("::");
  return /::default(_[\d_]+)?$/.test(urn) ? "" : urn;
}

/** The inputs without a dynamic provider's code and a bridged provider's notes, which are not properties. */
function inputsOf(state: ResourceSnapshot | null | undefined): WireObject {
  const inputs = Object.entries(state?.inputs ?? {});
  return toWireObject(
    Object.fromEntries(inputs.filter(([key]) => key !== "__provider" && key !== "__defaults")),
  );
}

/** Reads the options. The CLI reports neither `deleteBeforeReplace` nor, for most resources, aliases. */
function optionsOf(state: ResourceSnapshot): PlannedOptions {
  return {
    protect: state.protect ?? false,
    retainOnDelete: state.retainOnDelete ?? false,
    deletedWith: state.deletedWith ?? "",
    deleteBeforeReplace: false,
    ignoreChanges: state.ignoreChanges ?? [],
    dependencies: state.dependencies ?? [],
    propertyDependencies: Object.fromEntries(
      Object.entries(state.propertyDependencies ?? {}).flatMap(([key, urns]) =>
        urns === null || urns.length === 0 ? [] : [[key, urns]],
      ),
    ),
    provider: providerOf(state),
    parent: state.parent ?? "",
    aliases: state.aliases ?? [],
    ...(state.customTimeouts ? { customTimeouts: state.customTimeouts } : {}),
  };
}
