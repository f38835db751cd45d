/** Versions as their parts are compared: number by number, a missing one as 0; what follows a version is ignored. */

/** Less than 0 when the first is older, 0 when they are equal, more than 0 when it is newer. */
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
