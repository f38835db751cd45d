import type { Wire, WireObject } from "../../../wire";

export function text(inputs: WireObject, key: string): string {
  const value = inputs[key];
  return typeof value === "string" ? value : "";
}

export function flag(inputs: WireObject, key: string): boolean {
  return inputs[key] === true;
}

export function list(inputs: WireObject, key: string): readonly string[] {
  const value: Wire | undefined = inputs[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
