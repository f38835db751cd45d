/**
 * A hash from 0 up to but excluding 2^32 (the finaliser of MurmurHash 3), to derive facts about the nth item without a
 * table.
 * @param kind the fact; every kind has its own numbers
 */
export function hashOf(index: number, kind: number): number {
  let hash = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(kind, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** An element of a list, always the same for an index. */
export function elementAt(list: readonly string[], index: number): string {
  return list[index % list.length] ?? "";
}
