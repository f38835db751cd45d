/**
 * Expressions over metrics: written once, rendered as PromQL for Prometheus, and computed from samples for
 * `npm run status` (`evaluate.ts`).
 */

/** Seconds. */
type Window = number;

/** A comparison is 1 or 0. */
export type Operator = "+" | "-" | "*" | "/" | ">";

type Labels = Readonly<Record<string, string>>;

export type Expression =
  /** The current value of a gauge, of the series that have the labels `where` and none of `except`. */
  | { readonly gauge: string; readonly where?: Labels; readonly except?: Labels }
  /** Events a second. */
  | { readonly rate: string; readonly window: Window }
  /** Events within the window. */
  | { readonly increase: string; readonly window: Window }
  | { readonly number: number }
  /** The time of the reading, in seconds since 1970. */
  | { readonly now: true }
  /** Seconds until a gauge, with the labels `where`, reaches zero, if it falls on as it did within the window. */
  | { readonly untilEmpty: string; readonly where?: Labels; readonly window: Window }
  /** A figure of the stack that no server knows. */
  | { readonly expected: keyof Expected }
  | {
      readonly operator: Operator;
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

export const NOW: Expression = { now: true };

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
      const more = [...matchers("=", each.where), ...matchers("!=", each.except)];
      return `${each.gauge}{${selector}${more.join("")}}`;
    }
    if ("untilEmpty" in each) {
      const series = `${each.untilEmpty}{${selector}${matchers("=", each.where).join("")}}`;
      // A gauge that falls by less than one a second counts as falling by one: it is not zero for years.
      return `(${series} / clamp_min(-deriv(${series}[${duration(each.window)}]), 1))`;
    }
    if ("now" in each) return "time()";
    if ("rate" in each)
      return `rate(${each.rate}{${selector}}[${duration(window ?? each.window)}])`;
    if ("increase" in each) {
      return `increase(${each.increase}{${selector}}[${duration(window ?? each.window)}])`;
    }
    if ("number" in each) return String(each.number);
    if ("expected" in each) return String(expected[each.expected]);
    if ("operator" in each) {
      const operator = each.operator === ">" ? "> bool" : each.operator;
      return `(${render(each.left)} ${operator} ${render(each.right)})`;
    }
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

function matchers(operator: string, labels: Labels = {}): readonly string[] {
  return Object.entries(labels).map(([label, value]) => `,${label}${operator}"${value}"`);
}

/** Names of all metrics in an expression. */
export function metricsOf(expression: Expression): readonly string[] {
  if ("gauge" in expression) return [expression.gauge];
  if ("untilEmpty" in expression) return [expression.untilEmpty];
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
