/** Sizes in bytes. */
export const kB = 2 ** 10;
export const MB = 2 ** 20;
export const GB = 2 ** 30;

/** The nearest number within two bounds. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** Down to a multiple of `step`. */
export function floorTo(step: number, value: number): number {
  return Math.floor(value / step) * step;
}

/** A size as a person reads it: whole megabytes. */
export function inMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / MB)} MB`;
}
