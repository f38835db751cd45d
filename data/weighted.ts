/** Picking with skew: a few that come up all the time, and many that seldom do. Pure. */
import type { Random } from "./random";

/** Indexes from 0, each as often as its weight says. */
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

/** A list of which some are picked more often than others. */
export class Choice<T> {
  readonly #values: readonly T[];
  readonly #weighted: Weighted;

  constructor(entries: readonly (readonly [value: T, weight: number])[]) {
    this.#values = entries.map(([value]) => value);
    this.#weighted = new Weighted(entries.map(([, weight]) => weight));
  }

  /** @throws {RangeError} when there is nothing to pick from */
  pick(random: Random): T {
    const picked = this.#values[this.#weighted.index(random)];
    if (picked === undefined) throw new RangeError("nothing to pick from");
    return picked;
  }
}

/**
 * People: most are alike, some do a hundred times as much. Weights are log-normal, in no order.
 * @param sigma of the logarithm; at 1.2 a tenth of the people does half of everything
 */
export function* logNormalWeights(count: number, sigma: number, random: Random): Generator<number> {
  for (let i = 0; i < count; i++) yield random.logNormal(1, sigma);
}

/**
 * Things: the nth most popular is asked for 1 / n^exponent as often as the first (Zipf). Ranks are dealt out over the
 * indexes, so that what is popular is neither what is oldest nor what lies together on disk.
 */
export function zipfWeights(count: number, exponent: number, random: Random): number[] {
  const weights = Array.from({ length: count }, (_, rank) => (rank + 1) ** -exponent);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [weights[i], weights[j]] = [weights[j] ?? 0, weights[i] ?? 0];
  }
  return weights;
}
