/** Sizes in bytes. */
export const kB = 2 ** 10;
export const MB = 2 ** 20;
export const GB = 2 ** 30;

/** Limits a value to a range. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** Rounds down to a multiple of `step`. */
export function floorTo(step: number, value: number): number {
  return Math.floor(value / step) * step;
}

/**
 * Smallest number of a range that passes a monotonic test (binary search).
 * @returns undefined when no number passes
 */
export function smallestPassing(
  low: number,
  high: number,
  test: (n: number) => boolean,
): number | undefined {
  if (!test(high)) return undefined;
  let [no, yes] = [low - 1, high];
  while (yes - no > 1) {
    const middle = Math.floor((no + yes) / 2);
    if (test(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

/** Size in whole megabytes, rounded up, for messages. */
export function formatMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / MB)} MB`;
}
