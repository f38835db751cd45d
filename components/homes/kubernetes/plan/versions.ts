/** Compares versions number by number; missing numbers count as 0, suffixes are ignored. */

/** Negative if the first is older, 0 if equal, positive if newer. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [parts(one), parts(other)];
  const differing = [0, 1, 2].find((at) => left[at] !== right[at]);
  return differing === undefined ? 0 : (left[differing] ?? 0) - (right[differing] ?? 0);
}

/** `1.30` of `1.30.1`. */
export function lineOf(version: string): string {
  return parts(version).slice(0, 2).join(".");
}

function parts(version: string): readonly number[] {
  const [, major, minor, patch] = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version) ?? [];
  return [major, minor, patch].map((part) => Number(part ?? 0));
}
