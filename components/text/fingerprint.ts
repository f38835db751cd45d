import { createHash } from "node:crypto";

/** Hash of a value that does not depend on the order of keys. */
export function fingerprint(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(value)))
    .digest("hex");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]): [string, unknown] => [
    key,
    sorted(each),
  ]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What tells an object's content apart from another's, short enough for its name. */
export function contentHash(content: unknown): string {
  return fingerprint(content).slice(0, 10);
}
