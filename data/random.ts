/** Seeded random numbers, identical in every run on every machine. */
import { createHash } from "node:crypto";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

/** One stream of random numbers, independent of other streams. */
export class Random {
  readonly #generator: RandomGenerator;

  /** @param stream a name, such as that of a table, with its own numbers */
  constructor(seed: number, stream: string) {
    const digest = createHash("sha256").update(`${seed}/${stream}`).digest();
    this.#generator = xoroshiro128plus(digest.readInt32LE(0));
  }

  /** From 0 up to but excluding 1. */
  float(): number {
    return uniformFloat64(this.#generator);
  }

  /** An integer from 0 up to but excluding `limit`. */
  below(limit: number): number {
    return uniformInt(this.#generator, 0, limit - 1);
  }

  chance(probability: number): boolean {
    return this.float() < probability;
  }

  /** @throws {RangeError} if the list is empty */
  pick<T>(list: readonly T[]): T {
    const picked = list[Math.floor(list.length * this.float())];
    if (picked === undefined) throw new RangeError("nothing to pick from");
    return picked;
  }

  /** Mean 0, standard deviation 1 (Box-Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.float())) * Math.cos(2 * Math.PI * this.float());
  }

  /** Exponentially distributed, with the given mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.float());
  }

  /** Log-normally distributed: mostly around `median`, occasionally much larger. */
  logNormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  /** Lower-case hexadecimal digits. */
  hex(digits: number): string {
    let text = "";
    while (text.length < digits) text += word(this.#generator.next());
    return text.slice(0, digits);
  }

  /** Base64 characters without padding, like the end of a token. */
  base64(characters: number): string {
    const hex = this.hex(Math.ceil((characters * 6) / 4));
    const text = Buffer.from(hex.padEnd(hex.length + (hex.length % 2), "0"), "hex").toString(
      "base64",
    );
    return text.replaceAll(/[+/=]/g, "x").padEnd(characters, "x").slice(0, characters);
  }

  /** A UUID of version 4. */
  uuid(): string {
    const hex = this.hex(32);
    return dashed(hex.slice(0, 12), `4${hex.slice(13, 16)}`, hex.slice(16));
  }

  /**
   * A UUID of version 7, which begins with a time.
   * @param at in microseconds since 1970; the UUID has milliseconds
   */
  uuidAt(at: number): string {
    const milliseconds = Math.floor(at / 1000).toString(16);
    const hex = this.hex(32);
    return dashed(milliseconds.padStart(12, "0"), `7${hex.slice(13, 16)}`, hex.slice(16));
  }
}

/** @param last 16 digits, whose two highest bits are replaced by the variant */
function dashed(first: string, version: string, last: string): string {
  const variant = "89ab".charAt(parseInt(last.charAt(0), 16) & 3);
  return `${first.slice(0, 8)}-${first.slice(8)}-${version}-${variant}${last.slice(1, 4)}-${last.slice(4)}`;
}

function word(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}
