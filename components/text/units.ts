const FACTORS: Readonly<Record<string, number>> = {
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A duration in PostgreSQL's notation; a bare number is in ms. */
const DURATION = /^(\d+)(ms|s|min|h|d)?$/;

export function isDuration(text: string): boolean {
  return DURATION.test(text);
}

/** Milliseconds of a duration such as `2s`; requires {@link isDuration}. */
export function parseDuration(duration: string): number {
  const [, count, unit = "ms"] = DURATION.exec(duration) ?? [];
  return Number(count) * (MILLISECONDS[unit] ?? 1);
}

/**
 * Parses a size such as `8GiB` into bytes.
 * @throws Error when it is not a number followed by MiB, GiB or TiB
 */
export function parseBytes(text: string): number {
  const [, number, unit] = /^([\d.]+) ?([MGT]iB)$/.exec(text) ?? [];
  const factor = FACTORS[unit ?? ""];
  if (number === undefined || factor === undefined) {
    throw new Error(`${text} is not a size: use a number and MiB, GiB or TiB`);
  }
  return Math.floor(Number(number) * factor);
}
