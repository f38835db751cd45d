/**
 * Expressions over metrics: written once, rendered as PromQL for Prometheus, and computed from samples for
 * `npm run status`.
 */
import { type Samples, type Series, seriesKey } from "./samples";

/** Seconds. */
type Window = number;

type Labels = Readonly<Record<string, string>>;

export type Expression =
  /** The current value of a gauge, of the series that have the labels `where` and none of `except`. */
  | { readonly gauge: string; readonly where?: Labels; readonly except?: Labels }
  /** Events a second. */
  | { readonly rate: string; readonly window: Window }
  /** Events within the window. */
  | { readonly increase: string; readonly window: Window }
  | { readonly number: number }
  /** A figure of the stack that no server knows. */
  | { readonly expected: keyof Expected }
  | {
      readonly operator: "+" | "-" | "*" | "/";
      readonly left: Expression;
      readonly right: Expression;
    }
  /** Each series that is above zero; instead of the others, those of the second expression with the same labels. */
  | { readonly positive: Expression; readonly otherwise: Expression }
  /** Combines the series of one server, or those of it that also share the labels `by`. */
  | {
      readonly aggregate: "sum" | "max" | "min";
      readonly of: Expression;
      readonly by?: readonly string[];
    }
  /**
   * Share of all executions that belong to statements whose average lies within a limit, in seconds. The counters have
   * a series for each statement.
   */
  | {
      readonly shareWithin: number;
      readonly calls: string;
      readonly seconds: string;
      readonly window: Window;
    };

/** Figures of a stack's database that its objectives refer to. */
export interface Expected {
  /** Replicas that should stream. */
  readonly replicas: number;
  /** Migration files that should be applied. */
  readonly migrations: number;
}

export const gauge = (name: string): Expression => ({ gauge: name });
export const sum = (of: Expression, ...by: readonly string[]): Expression => ({
  aggregate: "sum",
  of,
  by,
});
export const max = (of: Expression): Expression => ({ aggregate: "max", of });
export const divide = (left: Expression, right: Expression): Expression => ({
  operator: "/",
  left,
  right,
});
export const add = (left: Expression, right: Expression): Expression => ({
  operator: "+",
  left,
  right,
});
export const subtract = (left: Expression, right: Expression): Expression => ({
  operator: "-",
  left,
  right,
});

/** Labels that identify a server; every series has them. */
export const SERVER_LABELS = ["stack", "database", "server"] as const;

/** A Prometheus duration. */
export function duration(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

/**
 * Renders an expression as PromQL.
 * @param selector label matchers for every metric, without braces
 * @param window replaces the window of rates, as burn rates need several
 */
export function promql(
  expression: Expression,
  selector: string,
  expected: Expected,
  window?: number,
): string {
  const render = (each: Expression): string => {
    if ("gauge" in each) {
      const matchers = (operator: string, labels: Labels = {}) =>
        Object.entries(labels).map(([label, value]) => `,${label}${operator}"${value}"`);
      const more = [...matchers("=", each.where), ...matchers("!=", each.except)];
      return `${each.gauge}{${selector}${more.join("")}}`;
    }
    if ("rate" in each)
      return `rate(${each.rate}{${selector}}[${duration(window ?? each.window)}])`;
    if ("increase" in each) {
      return `increase(${each.increase}{${selector}}[${duration(window ?? each.window)}])`;
    }
    if ("number" in each) return String(each.number);
    if ("expected" in each) return String(expected[each.expected]);
    if ("operator" in each) return `(${render(each.left)} ${each.operator} ${render(each.right)})`;
    if ("positive" in each) return `(${render(each.positive)} > 0 or ${render(each.otherwise)})`;
    if ("aggregate" in each) {
      const by = [...SERVER_LABELS, ...(each.by ?? [])].join(", ");
      return `${each.aggregate} by (${by}) (${render(each.of)})`;
    }
    const range = duration(window ?? each.window);
    const [calls, seconds] = [each.calls, each.seconds].map(
      (name) => `rate(${name}{${selector}}[${range}])`,
    );
    const by = `by (${SERVER_LABELS.join(", ")})`;
    return `(sum ${by} (${calls} and ${seconds} / ${calls} <= ${each.shareWithin}) or sum ${by} (${calls}) * 0) / (sum ${by} (${calls}) > 0)`;
  };
  return render(expression);
}

/** Names of all metrics in an expression. */
export function metricsOf(expression: Expression): readonly string[] {
  if ("gauge" in expression) return [expression.gauge];
  if ("rate" in expression) return [expression.rate];
  if ("increase" in expression) return [expression.increase];
  if ("operator" in expression) {
    return [...metricsOf(expression.left), ...metricsOf(expression.right)];
  }
  if ("positive" in expression) {
    return [...metricsOf(expression.positive), ...metricsOf(expression.otherwise)];
  }
  if ("aggregate" in expression) return metricsOf(expression.of);
  return "shareWithin" in expression ? [expression.calls, expression.seconds] : [];
}

/** Whether a reading computes an expression as an average that says little about now; see {@link Samples.recent}. */
export function isAverage(expression: Expression, samples: Samples): boolean {
  if (samples.recent) return false;
  if ("operator" in expression) {
    return isAverage(expression.left, samples) || isAverage(expression.right, samples);
  }
  if ("aggregate" in expression) return isAverage(expression.of, samples);
  if ("increase" in expression) return samples.uptime > expression.window;
  return "rate" in expression || "shareWithin" in expression;
}

/**
 * Computes an expression from a reading of the metrics. Counters are counted since the reading's earlier one; without
 * one, rates are averages since the server started.
 * @returns a value for each series; none where a metric is missing
 */
export function evaluate(
  expression: Expression,
  samples: Samples,
  expected: Expected,
): readonly Series[] {
  const compute = (each: Expression): readonly Series[] => {
    if ("gauge" in each) {
      const [where, except] = [each.where, each.except].map((labels) =>
        Object.entries(labels ?? {}),
      );
      return samples
        .series(each.gauge)
        .filter(({ labels }) => where?.every(([label, value]) => labels[label] === value))
        .filter(({ labels }) => !except?.some(([label, value]) => labels[label] === value));
    }
    if ("rate" in each) {
      return samples.counted(each.rate).map((one) => scaled(one, 1 / samples.age));
    }
    if ("increase" in each) {
      if (samples.uptime <= each.window) return samples.series(each.increase);
      const share = Math.min(1, each.window / samples.age);
      return samples.counted(each.increase).map((one) => scaled(one, share));
    }
    if ("number" in each) return [{ labels: {}, value: each.number }];
    if ("expected" in each) return [{ labels: {}, value: expected[each.expected] }];
    if ("operator" in each) return combine(each.operator, compute(each.left), compute(each.right));
    if ("positive" in each) {
      const above = compute(each.positive).filter(({ value }) => value > 0);
      const found = new Set(above.map(seriesKey));
      return [...above, ...compute(each.otherwise).filter((one) => !found.has(seriesKey(one)))];
    }
    if ("aggregate" in each) return aggregated(each.aggregate, each.by ?? [], compute(each.of));
    const [calls, seconds] = [each.calls, each.seconds].map((name) => samples.counted(name));
    return shareWithin(each.shareWithin, calls ?? [], seconds ?? []);
  };
  return compute(expression);
}

function scaled({ labels, value }: Series, factor: number): Series {
  return { labels, value: value * factor };
}

/** As Prometheus does: series are matched by their labels, and a number fits all. */
function combine(
  operator: "+" | "-" | "*" | "/",
  left: readonly Series[],
  right: readonly Series[],
): readonly Series[] {
  const single = (series: readonly Series[]): boolean =>
    series.length === 1 && Object.keys(series[0]?.labels ?? {}).length === 0;
  const others = new Map(right.map((each) => [seriesKey(each), each]));
  const calculate = (one: number, other: number): number => {
    if (operator === "+") return one + other;
    if (operator === "-") return one - other;
    return operator === "*" ? one * other : one / other;
  };
  const [first] = right;
  if (single(left) && !single(right)) {
    const value = left[0]?.value ?? 0;
    return right.map((each) => ({ labels: each.labels, value: calculate(value, each.value) }));
  }
  return left
    .flatMap((each) => {
      const other = single(right) ? first : others.get(seriesKey(each));
      return other ? [{ labels: each.labels, value: calculate(each.value, other.value) }] : [];
    })
    .filter(({ value }) => Number.isFinite(value));
}

const AGGREGATES = {
  sum: (one: number, other: number) => one + other,
  max: Math.max,
  min: Math.min,
} as const;

function aggregated(
  kind: keyof typeof AGGREGATES,
  by: readonly string[],
  series: readonly Series[],
): readonly Series[] {
  const groups = new Map<string, Series>();
  for (const each of series) {
    const labels = Object.fromEntries(by.map((label) => [label, each.labels[label] ?? ""]));
    const key = seriesKey({ labels });
    const other = groups.get(key);
    const value = other ? AGGREGATES[kind](other.value, each.value) : each.value;
    groups.set(key, { labels, value });
  }
  return [...groups.values()];
}

function shareWithin(
  limit: number,
  calls: readonly Series[],
  seconds: readonly Series[],
): readonly Series[] {
  const averages = combine("/", seconds, calls);
  const total = calls.reduce((all, { value }) => all + value, 0);
  if (total === 0) return [];
  const slow = new Set(averages.filter(({ value }) => value > limit).map(seriesKey));
  const fast = calls.filter((each) => !slow.has(seriesKey(each)));
  return [{ labels: {}, value: fast.reduce((all, { value }) => all + value, 0) / total }];
}
