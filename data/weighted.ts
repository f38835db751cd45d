/** Weighted random choice: few items occur often, many rarely. Pure. */
import type { Random } from "./random";

/** Random indexes from 0, in proportion to their weights. */
export class Weighted {
  readonly #upTo: Float64Array;
  readonly #total: number;

  /** @param weights none negative, not all zero */
  constructor(weights: Iterable<number>) {
    let total = 0;
    this.#upTo = Float64Array.from(weights, (weight) => (total += weight));
    this.#total = total;
  }

  index(random: Random): number {
    const drawn = random.float() * this.#total;
    let low = 0;
    let high = this.#upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#upTo[middle] ?? 0) > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** A random element of a list, by weight. */
export class Choice<T> {
  readonly #values: readonly T[];
  readonly #weighted: Weighted;

  constructor(entries: readonly (readonly [value: T, weight: number])[]) {
    this.#values = entries.map(([value]) => value);
    this.#weighted = new Weighted(entries.map(([, weight]) => weight));
  }

  /** @throws {RangeError} if the list is empty */
  pick(random: Random): T {
    const picked = this.#values[this.#weighted.index(random)];
    if (picked === undefined) throw new RangeError("nothing to pick from");
    return picked;
  }
}

/**
 * Log-normal weights in random order, as for users: most are similar, some do a hundred times as much.
 * @param sigma standard deviation of the logarithm; at 1.2 a tenth of the users does half of everything
 */
export function* logNormalWeights(count: number, sigma: number, random: Random): Generator<number> {
  for (let i = 0; i < count; i++) yield random.logNormal(1, sigma);
}

/**
 * Zipf weights, as for servers: the nth most popular is used 1 / n^exponent as often as the first. Ranks are shuffled
 * over the indexes, so that popular items are neither the oldest nor adjacent on disk.
 */
export function zipfWeights(count: number, exponent: number, random: Random): number[] {
  const weights = Array.from({ length: count }, (_, rank) => (rank + 1) ** -exponent);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [weights[i], weights[j]] = [weights[j] ?? 0, weights[i] ?? 0];
  }
  return weights;
}
