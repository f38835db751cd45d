import type { Wire, WireObject } from "../../../wire";

/** Quotes a name. */
export function ident(name: string): string {
  return `"${name.replaceAll("\0", "").replaceAll('"', '""')}"`;
}

/** Quotes a text, with backslashes safe whatever `standard_conforming_strings` is. */
export function literal(text: string): string {
  const doubled = text.replaceAll("\0", "").replaceAll("'", "''");
  return doubled.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}

/** `schema.name`, where the name of a function may carry its arguments: `f(integer)`. */
export function qualified(schema: string, name: string): string {
  const [bare = "", ...rest] = name.split("(");
  const argumentsList = rest.length === 0 ? "" : `(${rest.join("(")}`;
  return `${ident(schema)}.${ident(bare)}${argumentsList}`;
}

export function text(inputs: WireObject, key: string): string {
  const value = inputs[key];
  return typeof value === "string" ? value : "";
}

export function flag(inputs: WireObject, key: string): boolean {
  return inputs[key] === true;
}

export function integer(inputs: WireObject, key: string): number {
  const value = inputs[key];
  return typeof value === "number" ? Math.trunc(value) : 0;
}

export function list(inputs: WireObject, key: string): readonly string[] {
  const value: Wire | undefined = inputs[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
