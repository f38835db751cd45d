/** Drops false and undefined entries, for lists written as `condition && entry`. */
export function compact<T>(...entries: readonly (T | false | undefined)[]): T[] {
  return entries.filter((entry): entry is T => entry !== false && entry !== undefined);
}
