/** Readings of metrics. */

/** One value with the labels that tell it from others of its metric. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Metrics of one server, read at one time. */
export class Samples {
  readonly #series: ReadonlyMap<string, readonly Series[]>;

  constructor(series: ReadonlyMap<string, readonly Series[]>) {
    this.#series = series;
  }

  /** The series of a metric; none if the server does not have it. */
  series(metric: string): readonly Series[] {
    return this.#series.get(metric) ?? [];
  }

  /** Seconds since the server started, over which its counters have counted. */
  get age(): number {
    return Math.max(1, this.series("sark_uptime_seconds")[0]?.value ?? 1);
  }
}
