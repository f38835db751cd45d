/** Timing and statistics for the benchmarks. */

export async function measureTime<T>(
  work: () => T | Promise<T>,
): Promise<{ result: T; ms: number }> {
  const started = performance.now();
  const result = await work();
  return { result, ms: performance.now() - started };
}

export type Quartiles = readonly [low: number, median: number, high: number];

export function quartiles(numbers: readonly number[]): Quartiles {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
  return [at(0.25), at(0.5), at(0.75)];
}

/** `12.0 (11.4 to 12.5)` */
export function formatQuartiles([low, middle, high]: Quartiles): string {
  return `${middle.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`;
}
