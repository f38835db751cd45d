const FACTORS: Readonly<Record<string, number>> = {
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/**
 * `8GiB` in bytes.
 * @throws Error when it is not a number followed by MiB, GiB or TiB
 */
export function parseBytes(text: string): number {
  const [, number, unit] = /^([\d.]+) ?([MGT]iB)$/.exec(text) ?? [];
  const factor = FACTORS[unit ?? ""];
  if (number === undefined || factor === undefined) {
    throw new Error(`${text} is not a size: a number and MiB, GiB or TiB are expected`);
  }
  return Math.floor(Number(number) * factor);
}
