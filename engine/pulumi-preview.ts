import { diffInputs } from "./embedded/diff";
import { maskObject, toWireObject, type WireObject } from "./embedded/wire";
import type { Operation, Plan, PlannedOptions, PlannedResource } from "./engine";

/** What `pulumi preview --json` prints, as far as it is read here. Secrets are `[secret]` already. */
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
  readonly dependencies?: readonly string[];
  readonly aliases?: readonly string[];
  readonly ignoreChanges?: readonly string[];
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

/** What a step of Pulumi's is to a reader of the plan; undefined for a part of another step. */
export function operationOf(op: string): Operation | undefined {
  switch (op) {
    case "create":
    case "import":
      return "create";
    case "update":
      return "update";
    case "replace":
      return "replace";
    case "delete":
      return "delete";
    case "same":
      return "same";
    default:
      return undefined;
  }
}

function planStep(step: PreviewStep): PlannedResource[] {
  const op = operationOf(step.op);
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

/** From the inputs; where a difference is hidden in a secret or found on the server, from the provider's reasons. */
function changesOf(step: PreviewStep): PlannedResource["changes"] {
  const changes = diffInputs(inputsOf(step.oldState), inputsOf(step.newState));
  const named = [
    ...Object.keys(step.detailedDiff ?? {}),
    ...(step.diffReasons ?? []),
    ...(step.replaceReasons ?? []),
  ];
  const hidden = [...new Set(named)].filter(
    (name) => !changes.some(({ path }) => startsWith(path, name) || startsWith(name, path)),
  );
  return [...changes, ...hidden.map((path) => ({ path, from: "[hidden]", to: "[hidden]" }))];
}

function startsWith(path: string, beginning: string): boolean {
  if (!path.startsWith(beginning)) return false;
  const next = path[beginning.length];
  return next === undefined || next === "." || next === "[";
}

/** Without the code of a dynamic resource's provider and the notes of bridged ones: neither is a property. */
function inputsOf(state: ResourceSnapshot | null | undefined): WireObject {
  const inputs = Object.entries(state?.inputs ?? {});
  return toWireObject(
    Object.fromEntries(inputs.filter(([key]) => key !== "__provider" && key !== "__defaults")),
  );
}

/** The CLI reports neither `deleteBeforeReplace` nor, for most resources, aliases. */
function optionsOf(state: ResourceSnapshot): PlannedOptions {
  return {
    protect: state.protect ?? false,
    retainOnDelete: state.retainOnDelete ?? false,
    deleteBeforeReplace: false,
    ignoreChanges: state.ignoreChanges ?? [],
    dependencies: state.dependencies ?? [],
    parent: state.parent ?? "",
    aliases: state.aliases ?? [],
  };
}
