/** Values of expressions, computed from a reading of the metrics. */
import type { Expected, Expression, Operator } from "./expression";
import { type Samples, type Series, seriesKey } from "./samples";

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
    if ("now" in each) return [{ labels: {}, value: samples.time }];
    // One reading shows no trend.
    if ("untilEmpty" in each) return [];
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
  operator: Operator,
  left: readonly Series[],
  right: readonly Series[],
): readonly Series[] {
  const single = (series: readonly Series[]): boolean =>
    series.length === 1 && Object.keys(series[0]?.labels ?? {}).length === 0;
  const others = new Map(right.map((each) => [seriesKey(each), each]));
  const calculate = (one: number, other: number): number => {
    if (operator === "+") return one + other;
    if (operator === "-") return one - other;
    if (operator === ">") return one > other ? 1 : 0;
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
