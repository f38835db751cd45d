import { closest, distance } from "fastest-levenshtein";

/** Closest known name to a misspelt one; undefined when none is similar. */
export function suggestion(text: string, known: readonly string[]): string | undefined {
  const near = known.length > 0 ? closest(text, known) : undefined;
  const most = Math.max(2, text.length / 3);
  return near !== undefined && distance(text, near) <= most ? near : undefined;
}
