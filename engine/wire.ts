/**
 * Values as the SDK sends them: JSON, with envelopes for secrets and a sentinel for unknown values. The state file uses
 * the same format, so that secrets stay marked.
 */

import { isDeepStrictEqual } from "node:util";

export type Wire = null | boolean | number | string | readonly Wire[] | WireObject;
export interface WireObject {
  readonly [key: string]: Wire;
}

/** The SDK's markers (`runtime/rpc.js`); part of Pulumi's protocol, the same in every language. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isObject(value: Wire | undefined): value is WireObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: Wire | undefined): value is readonly Wire[] {
  return Array.isArray(value);
}

export function secret(value: Wire): WireObject {
  return { [SIGNATURE]: SECRET, value };
}

export function isSecret(value: Wire | undefined): value is WireObject & { readonly value: Wire } {
  return isObject(value) && value[SIGNATURE] === SECRET;
}

/** Whether a test holds for the value or for anything inside it. */
function some(value: Wire | undefined, test: (part: Wire) => boolean): boolean {
  if (value === undefined) return false;
  if (test(value)) return true;
  if (isList(value)) return value.some((item) => some(item, test));
  return isObject(value) && Object.values(value).some((item) => some(item, test));
}

export function containsSecret(value: Wire | undefined): boolean {
  return some(value, isSecret);
}

export function containsUnknown(value: Wire | undefined): boolean {
  return some(value, (part) => part === UNKNOWN);
}

/** The value with parts replaced, from the outside in: `leaf` returns the replacement, or undefined to descend. */
export function map(value: Wire, leaf: (part: Wire) => Wire | undefined): Wire {
  const mapped = leaf(value);
  if (mapped !== undefined) return mapped;
  if (isList(value)) return value.map((item) => map(item, leaf));
  return isObject(value) ? mapValues(value, (item) => map(item, leaf)) : value;
}

export function mapValues(
  object: WireObject,
  change: (value: Wire, key: string) => Wire,
): WireObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, change(value, key)]),
  );
}

/** The value without its envelopes, as a provider receives it. A reference to a resource becomes its id. */
export function unwrap(value: Wire): Wire {
  if (isSecret(value)) return unwrap(value.value);
  if (isObject(value) && value[SIGNATURE] === RESOURCE) return value["id"] ?? value["urn"] ?? null;
  if (isList(value)) return value.map(unwrap);
  return isObject(value) ? unwrapObject(value) : value;
}

export function unwrapObject(object: WireObject): WireObject {
  return mapValues(object, unwrap);
}

/** The value for display and for files: secrets and unknown values are replaced. */
export function mask(value: Wire): Wire {
  return map(value, (part) => {
    if (isSecret(part)) return "[secret]";
    return part === UNKNOWN ? "[unknown]" : undefined;
  });
}

export function maskObject(object: WireObject): WireObject {
  return mapValues(object, mask);
}

/**
 * Marks parts of `value` as secret that are secret at the same place in `like`. A part whose shape changed is marked as
 * a whole, as Pulumi does for providers that do not support secrets.
 */
export function markSecrets(value: Wire, like: Wire | undefined): Wire {
  if (like === undefined || isSecret(value) || !containsSecret(like)) return value;
  if (isSecret(like)) return secret(value);
  if (isList(value) && isList(like) && value.length === like.length) {
    return value.map((item, index) => markSecrets(item, like[index]));
  }
  if (isObject(value) && isObject(like)) {
    return mapValues(value, (item, key) => markSecrets(item, like[key]));
  }
  return secret(value);
}

/** Marks whole keys as secret. */
export function markKeys(object: WireObject, keys: readonly string[]): WireObject {
  return mapValues(object, (value, key) =>
    keys.includes(key) && !isSecret(value) ? secret(value) : value,
  );
}

/** Converts a value to JSON. Undefined members are dropped, as in Pulumi's protocol. */
function toWire(value: unknown): Wire {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(toWire);
  return typeof value === "object" ? toWireObject(value) : null;
}

export function toWireObject(value: object): WireObject {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined && typeof item !== "function")
      .map(([key, item]) => [key, toWire(item)]),
  );
}

/** Deep equality of two values without the envelopes of secrets. */
export function sameValue(left: Wire | undefined, right: Wire | undefined): boolean {
  return isDeepStrictEqual(left && withoutSecrets(left), right && withoutSecrets(right));
}

function withoutSecrets(value: Wire): Wire {
  return map(value, (part) => (isSecret(part) ? withoutSecrets(part.value) : undefined));
}

/** Every string inside a secret. */
export function secretStrings(value: Wire): readonly string[] {
  if (isSecret(value)) return allStrings(value.value);
  return parts(value).flatMap(secretStrings);
}

/** Every string outside of secrets. */
export function plainStrings(value: Wire): readonly string[] {
  if (isSecret(value)) return [];
  return typeof value === "string" ? [value] : parts(value).flatMap(plainStrings);
}

function allStrings(value: Wire): readonly string[] {
  if (typeof value === "string") return value === UNKNOWN ? [] : [value];
  return parts(value).flatMap(allStrings);
}

function parts(value: Wire): readonly Wire[] {
  if (isList(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}
