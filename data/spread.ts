/**
 * A number from 0 up to and without 2^32 that looks unlike its neighbour's (the finaliser of MurmurHash 3): facts about
 * the nth thing that need no table.
 * @param kind which fact; every kind has its own numbers
 */
export function spread(index: number, kind: number): number {
  let hash = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(kind, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** One of a list, the same one for the same number. */
export function at(list: readonly string[], index: number): string {
  return list[index % list.length] ?? "";
}
