import { closest, distance } from "fastest-levenshtein";

/** The known name that a misspelt one is likely to mean; undefined when none is near. */
export function suggestion(text: string, known: readonly string[]): string | undefined {
  const near = known.length > 0 ? closest(text, known) : undefined;
  const most = Math.max(2, text.length / 3);
  return near !== undefined && distance(text, near) <= most ? near : undefined;
}
