/** Readings of metrics. */

/** One value with the labels that tell it from others of its metric. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Identifies a series among those of its metric. */
export function seriesKey({ labels }: Pick<Series, "labels">): string {
  return JSON.stringify(Object.entries(labels).sort());
}

/** Seconds of which an average can be judged. */
const LEAST_AGE = 60;

interface SamplesOptions {
  /** Why metrics could not be read. */
  readonly failures?: ReadonlyMap<string, string>;
  /** When they were read, in seconds. */
  readonly time?: number;
  /** A reading from which counters are counted. @default - they are counted since the server started */
  readonly earlier?: Samples | undefined;
}

/** Metrics of one server, read at one time. */
export class Samples {
  readonly #series: ReadonlyMap<string, readonly Series[]>;
  readonly #options: SamplesOptions;

  constructor(series: ReadonlyMap<string, readonly Series[]>, options: SamplesOptions = {}) {
    this.#series = series;
    this.#options = options;
  }

  /** The series of a metric; none if the server does not have it. */
  series(metric: string): readonly Series[] {
    return this.#series.get(metric) ?? [];
  }

  /** Why a metric could not be read. */
  failure(metric: string): string | undefined {
    return this.#options.failures?.get(metric);
  }

  /** Every reason why a metric could not be read. */
  reasons(): readonly string[] {
    return [...new Set(this.#options.failures?.values() ?? [])];
  }

  /** Seconds since the server started. */
  get uptime(): number {
    return Math.max(1, this.series("sark_uptime_seconds")[0]?.value ?? 1);
  }

  /** Seconds over which counters were counted. */
  get age(): number {
    const { earlier } = this.#options;
    return earlier ? Math.max(1, this.time - earlier.time) : this.uptime;
  }

  /** Whether counters tell what happens now: those since the start may be of long ago, those of seconds are chance. */
  get recent(): boolean {
    return this.#options.earlier !== undefined && this.age >= LEAST_AGE;
  }

  get time(): number {
    return this.#options.time ?? 0;
  }

  /** Events that each series of a counter counted. As in Prometheus, a new series counts from the next reading on. */
  counted(counter: string): readonly Series[] {
    const { earlier } = this.#options;
    if (earlier === undefined) return this.series(counter);
    const before = new Map(earlier.series(counter).map((each) => [seriesKey(each), each.value]));
    return this.series(counter).flatMap((each) => {
      const start = before.get(seriesKey(each));
      if (start === undefined) return [];
      // A counter that fell was reset.
      return [{ ...each, value: each.value < start ? each.value : each.value - start }];
    });
  }

  /** The same reading, with counters counted since an earlier one. */
  since(earlier: Samples | undefined): Samples {
    return new Samples(this.#series, { ...this.#options, earlier });
  }
}
