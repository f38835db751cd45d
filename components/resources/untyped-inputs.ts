/** Helpers for the untyped records that Pulumi passes to providers. */
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";

/** Placeholder of the Node SDK for a value known only during `up`. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A problem of one input. */
export interface InputFailure {
  readonly property: string;
  readonly reason: string;
}

/** Problems found by the schema, except in unknown values. */
export function inputFailures(schema: z.ZodType, inputs: unknown): InputFailure[] {
  const parsed = schema.safeParse(inputs);
  if (parsed.success) return [];
  return parsed.error.issues
    .filter(({ path }) => !path.some((_, at) => valueAt(inputs, path.slice(0, at + 1)) === UNKNOWN))
    .map(({ path, message }) => ({ property: path.join("."), reason: message }));
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => asRecord(inner)[String(key)], value);
}

/** The value as a record; an empty record for other values. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** The value without parts known only during `up`. */
export function withoutUnknown(value: unknown): unknown {
  return mapInside(value, (inner) => inner !== UNKNOWN);
}

/** Names of changed inputs; absent equals undefined, and `__provider` is ignored. */
export function changedInputs(
  names: readonly string[],
  olds: unknown,
  news: unknown,
): readonly string[] {
  return names.filter(
    (name) =>
      !isDeepStrictEqual(withoutAbsent(asRecord(olds)[name]), withoutAbsent(asRecord(news)[name])),
  );
}

function withoutAbsent(value: unknown): unknown {
  return mapInside(value, (inner) => inner !== undefined);
}

/** A copy with only those nested values for which `keep` is true. */
function mapInside(value: unknown, keep: (inner: unknown) => boolean): unknown {
  if (Array.isArray(value)) return value.map((inner: unknown) => mapInside(inner, keep));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => keep(inner))
      .map(([key, inner]) => [key, mapInside(inner, keep)]),
  );
}
