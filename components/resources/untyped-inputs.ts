/** What every provider does with what Pulumi hands it: plain, untyped records. */
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";

/** How the Node SDK writes a value that only `up` will know. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Something wrong with one input. */
export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/** What the schema finds wrong, except in values that are not known yet. */
export function failures(schema: z.ZodType, inputs: unknown): Failure[] {
  const parsed = schema.safeParse(inputs);
  if (parsed.success) return [];
  return parsed.error.issues
    .filter(({ path }) => !path.some((_, at) => valueAt(inputs, path.slice(0, at + 1)) === UNKNOWN))
    .map(({ path, message }) => ({ property: path.join("."), reason: message }));
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => record(inner)[String(key)], value);
}

/** The value as a record; an empty one for what is none. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** The value without what only `up` will know. */
export function withoutUnknown(value: unknown): unknown {
  return mapInside(value, (inner) => inner !== UNKNOWN);
}

/** Names of the inputs that differ; absent and undefined are alike, and `__provider` is no input. */
export function changedInputs(
  names: readonly string[],
  olds: unknown,
  news: unknown,
): readonly string[] {
  return names.filter(
    (name) =>
      !isDeepStrictEqual(withoutAbsent(record(olds)[name]), withoutAbsent(record(news)[name])),
  );
}

function withoutAbsent(value: unknown): unknown {
  return mapInside(value, (inner) => inner !== undefined);
}

/** A copy with those values inside of records that `keep` is true for. */
function mapInside(value: unknown, keep: (inner: unknown) => boolean): unknown {
  if (Array.isArray(value)) return value.map((inner: unknown) => mapInside(inner, keep));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => keep(inner))
      .map(([key, inner]) => [key, mapInside(inner, keep)]),
  );
}
