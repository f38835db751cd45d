import {
  containsUnknown,
  isList,
  isObject,
  isSecret,
  mask,
  sameValue,
  type Wire,
  type WireObject,
} from "./wire";

/** One property that differs. */
export interface Change {
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

export type Step = string | number;

/** The differences between two sets of inputs, each at its deepest path. Pure. */
export function diffInputs(old: WireObject, next: WireObject): readonly Change[] {
  return diffObjects(old, next, []);
}

function diffObjects(old: WireObject, next: WireObject, path: readonly Step[]): readonly Change[] {
  const keys = [...new Set([...Object.keys(old), ...Object.keys(next)])].sort();
  return keys.flatMap((key) => diffValues(old[key], next[key], [...path, key]));
}

function diffValues(
  old: Wire | undefined,
  next: Wire | undefined,
  path: readonly Step[],
): readonly Change[] {
  if (!containsUnknown(next) && sameValue(old, next)) return [];
  if (!isSecret(old) && !isSecret(next)) {
    if (isObject(old) && isObject(next)) return diffObjects(old, next, path);
    if (isList(old) && isList(next)) {
      return Array.from({ length: Math.max(old.length, next.length) }).flatMap((_, index) =>
        diffValues(old[index], next[index], [...path, index]),
      );
    }
  }
  return [{ path: formatPath(path), from: show(old), to: show(next) }];
}

/** A value for display, secrets hidden. */
export function show(value: Wire | undefined): string {
  if (value === undefined) return "(not set)";
  const masked = mask(value);
  return typeof masked === "string" ? masked : JSON.stringify(masked);
}

/** Pulumi's notation: `a.b[0]["c.d"]`. */
export function formatPath(path: readonly Step[]): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      if (!/^[A-Za-z_$][\w$-]*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join("");
}

export function parsePath(text: string): readonly Step[] {
  const steps: Step[] = [];
  for (const part of text.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g)) {
    const [, quoted, index, name] = part;
    if (quoted !== undefined) steps.push(quoted.replace(/\\(.)/g, "$1"));
    else if (index !== undefined) steps.push(index === "*" ? "*" : Number(index));
    else if (name !== undefined) steps.push(name);
  }
  return steps;
}

/** The new inputs with the old values of the ignored keys. An ignored key that was absent before stays absent. */
export function ignoreChanges(
  old: WireObject,
  next: WireObject,
  keys: readonly string[],
): WireObject {
  const kept = ([key]: readonly [string, Wire]) => keys.includes(key);
  return Object.fromEntries([
    ...Object.entries(next).filter((entry) => !kept(entry)),
    ...Object.entries(old).filter(kept),
  ]);
}
