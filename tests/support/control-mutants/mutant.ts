import type { PlannedOptions, PlannedResource } from "../../../engine/engine";
import { field } from "../../../scan/controls/resource-view";

/** A resource of a plan that may be changed. */
export interface Draft {
  inputs: Record<string, unknown>;
  options: { -readonly [K in keyof PlannedOptions]: PlannedOptions[K] };
}

/** One secure property that is inverted or left out, or one missing resource. */
export interface ControlMutant {
  /** The control that must report it. */
  readonly control: string;
  readonly what: string;
  /** `rds/instance`: every resource of the type is changed, one at a time. */
  readonly type: string;
  /** Undefined to remove the resource. */
  readonly change: ((draft: Draft) => void) | undefined;
  /** @default - all of the type */
  readonly of?: (resource: PlannedResource) => boolean;
}

export type Entry = readonly [control: string, what: string, change: ControlMutant["change"]];

export const mutantsOfType = (
  type: string,
  entries: readonly Entry[],
  which: ControlMutant["of"] = () => true,
): readonly ControlMutant[] =>
  entries.map(([control, what, change]) => ({ control, what, type, change, of: which }));

/** Removes the resource. */
export const REMOVED = undefined;

/** An input with another value, which no resource gives it any more; undefined leaves it out. */
export const input =
  (path: string, value: unknown) =>
  (draft: Draft): void => {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    const parent = keys.reduce<unknown>(field, draft.inputs);
    if (typeof parent !== "object" || parent === null) throw new Error(`no ${path}`);
    if (value === undefined) Reflect.deleteProperty(parent, last);
    else Reflect.set(parent, last, value);
    const [first = ""] = path.split(".");
    const { [first]: _, ...rest } = draft.options.propertyDependencies;
    draft.options.propertyDependencies = rest;
  };

export const option =
  <K extends keyof Draft["options"]>(key: K, value: Draft["options"][K]) =>
  (draft: Draft): void => {
    draft.options[key] = value;
  };

export interface Parameter {
  readonly name: string;
  value?: string;
  applyMethod?: string;
}

export const parameters = (draft: Draft): Parameter[] => draft.inputs["parameters"] as Parameter[];

/** Sets a server parameter to another value; undefined leaves it to RDS. */
export const parameter =
  (name: string, value: string | undefined) =>
  (draft: Draft): void => {
    const found = parameters(draft).find((each) => each.name === name);
    if (!found) throw new Error(`no parameter ${name}`);
    if (value === undefined) parameters(draft).splice(parameters(draft).indexOf(found), 1);
    else found.value = value;
  };

export interface Statement {
  Sid?: string;
  Effect: string;
  Principal?: unknown;
  Action?: unknown;
  NotAction?: unknown;
  Resource?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/** Replaces the statements of a policy. */
export const policy =
  (change: (statements: Statement[]) => Statement[], key = "policy") =>
  (draft: Draft): void => {
    const document = JSON.parse(String(draft.inputs[key])) as { Statement: Statement[] };
    document.Statement = change(document.Statement);
    draft.inputs[key] = JSON.stringify(document);
  };

/** Changes fields of each statement that grants something. */
export const changeGrants = (fields: Partial<Statement>, key = "policy") =>
  policy(
    (all) => all.map((each) => (each.Effect === "Allow" ? { ...each, ...fields } : each)),
    key,
  );

/** Removes the statement with that name. */
export const removeStatement = (sid: string) =>
  policy((all) => all.filter((each) => each.Sid !== sid));

export const addStatement = (statement: Partial<Statement>) =>
  policy((all) => [
    ...all,
    { Effect: "Allow", Principal: "*", Action: "*", Resource: "*", ...statement },
  ]);

/** Changes fields of each object in a list. */
export const changeEach =
  (list: string, change: (element: Record<string, unknown>) => Record<string, unknown>) =>
  (draft: Draft): void => {
    draft.inputs[list] = (draft.inputs[list] as Record<string, unknown>[]).map(change);
  };

export const hasKey =
  (key: string) =>
  ({ inputs }: PlannedResource) =>
    inputs[key] !== undefined;
export const lacksKey =
  (key: string) =>
  ({ inputs }: PlannedResource) =>
    inputs[key] === undefined;
export const named =
  (pattern: RegExp) =>
  ({ urn }: PlannedResource) =>
    pattern.test(urn.split("::").at(-1) ?? "");

/** The buckets that hold backups; the others hold access logs. */
export const ARCHIVES = named(/^backups-archive(-copy)?-bucket/);
export const OTHER_ACCOUNT = "444455556666";
export const DEFAULT_KEY = "alias/aws/rds";
