/** The entries of a list that are there; the others are written as `condition && entry`. */
export function present<T>(...entries: readonly (T | false | undefined)[]): T[] {
  return entries.filter((entry): entry is T => entry !== false && entry !== undefined);
}
