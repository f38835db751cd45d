import { smallestPassing } from "../../parameters/formulas/bytes";
import { clientBudget, connectionBudget, openFilesBudget } from "./connection-sums";
import type { Budget, BudgetInput, PgBouncerPlan } from "./connection-sums";
import type { Problem } from "../../text/problem";

export * from "./application-tiers";
export * from "./connection-sums";

/** A setting, and its value closest to the current one with which the budget fits. */
export interface SettingSuggestion {
  readonly key: string;
  readonly value: number;
}

/** A sum of the connection plan that exceeds its limit. */
export interface BudgetProblem extends Problem {
  /** Each alone solves this problem without causing another. */
  readonly suggestions: readonly SettingSuggestion[];
}

/**
 * Sums of a connection plan that exceed their limits (server sessions, PgBouncer clients, PgBouncer's open files),
 * itemised, with the closest settings that fit. Empty if all fit. Pure, so that it is reported together with other
 * settings problems.
 */
export function budgetProblems(input: BudgetInput): readonly BudgetProblem[] {
  const broken = sumsOf(input).filter(isOver);
  const solvedBy = ({ key }: Sum, adjustment: Adjustment, value: number): boolean => {
    const after = sumsOf(adjustment.withValue(value)).filter(isOver);
    return after.every((each) => each.key !== key);
  };
  return broken.map((sum) => {
    const suggestions = sum.adjustments.flatMap((adjustment): SettingSuggestion[] => {
      const value = closestValue(adjustment, (each) => solvedBy(sum, adjustment, each));
      if (value === undefined) return [];
      const after = sumsOf(adjustment.withValue(value)).filter(isOver);
      const isNew = ({ key }: Sum) => broken.every((each) => each.key !== key);
      return after.some(isNew) ? [] : [{ key: adjustment.key, value }];
    });
    const fits = suggestions.map(({ key, value }) => `${key} ${value} fits`);
    return {
      key: `${input.server}.${sum.key}`,
      value: sum.limitedBy,
      allowed: fits.length > 0 ? fits.join(", or ") : "fewer pods, pools or logins",
      why: `the sum exceeds its limit:\n${formatBudget(sum.budget)}`,
      suggestions,
    };
  });
}

/** Formats an itemised sum; items of 0 are left out. */
export function formatBudget(budget: Budget): string {
  const items = budget.items.filter(({ count }) => count > 0);
  const width = Math.max("total".length, ...items.map(({ name }) => name.length));
  const lines = items.map(({ name, count, formula }) => {
    const origin = formula === String(count) ? "" : ` = ${formula}`;
    return `  ${name.padEnd(width)} ${count}${origin}`;
  });
  const verdict = `${budget.total} of ${budget.limit} (${budget.limitFormula})`;
  return [...lines, `  ${"total".padEnd(width)} ${verdict}`].join("\n");
}

/** A setting that can be changed, and the plan with another value of it. */
interface Adjustment {
  readonly key: string;
  readonly direction: "down" | "up";
  readonly current: number;
  readonly withValue: (value: number) => BudgetInput;
}

/** A sum, and the setting that limits it. */
interface Sum {
  readonly key: "max_connections" | "max_client_conn" | "open_files";
  readonly limitedBy: number;
  readonly budget: Budget;
  readonly adjustments: readonly Adjustment[];
}

function isOver({ budget }: Sum): boolean {
  return !budget.fits;
}

function sumsOf(input: BudgetInput): readonly Sum[] {
  const { pgbouncer, maxConnections } = input;
  const sessions: Sum = {
    key: "max_connections",
    limitedBy: maxConnections,
    budget: connectionBudget(input),
    adjustments: [
      ...(pgbouncer ? poolAdjustments(input, pgbouncer) : []),
      ...clientAdjustments(input, "direct"),
      {
        key: "max_connections",
        direction: "up",
        current: maxConnections,
        withValue: (value) => ({ ...input, maxConnections: value }),
      },
    ],
  };
  if (!pgbouncer) return [sessions];
  const { maxClientConn, openFiles } = pgbouncer;
  const clientLimit = (direction: Adjustment["direction"]): Adjustment => ({
    key: "max_client_conn",
    direction,
    current: maxClientConn,
    withValue: (value) => ({ ...input, pgbouncer: { ...pgbouncer, maxClientConn: value } }),
  });
  const fileLimit: Adjustment = {
    key: "open_files",
    direction: "up",
    current: openFiles,
    withValue: (value) => ({ ...input, pgbouncer: { ...pgbouncer, openFiles: value } }),
  };
  return [
    sessions,
    {
      key: "max_client_conn",
      limitedBy: maxClientConn,
      budget: clientBudget(pgbouncer, input.clients),
      adjustments: [...clientAdjustments(input, "pgbouncer"), clientLimit("up")],
    },
    {
      key: "open_files",
      limitedBy: openFiles,
      budget: openFilesBudget(pgbouncer),
      adjustments: [clientLimit("down"), fileLimit],
    },
  ];
}

/** Pool size of one application, with the others unchanged. */
function clientAdjustments(input: BudgetInput, via: "pgbouncer" | "direct"): Adjustment[] {
  return input.clients
    .filter((pool) => pool.via === via)
    .map((pool) => ({
      key: `${pool.name} pool size`,
      direction: "down",
      current: pool.poolSize,
      withValue: (poolSize) => ({
        ...input,
        clients: input.clients.map((each) => (each === pool ? { ...each, poolSize } : each)),
      }),
    }));
}

function poolAdjustments(input: BudgetInput, plan: PgBouncerPlan): Adjustment[] {
  // Without a cap, the first value that caps nothing is the size of the largest entry.
  const uncapped = plan.entries.map(
    ({ logins, poolSize = plan.defaultPoolSize, reservePoolSize = plan.reservePoolSize }) =>
      logins * (poolSize + reservePoolSize),
  );
  return [
    {
      key: "default_pool_size",
      direction: "down",
      current: plan.defaultPoolSize,
      withValue: (value) => ({ ...input, pgbouncer: { ...plan, defaultPoolSize: value } }),
    },
    {
      key: "max_db_connections",
      direction: "down",
      current: plan.maxDbConnections || Math.max(1, ...uncapped),
      withValue: (value) => ({ ...input, pgbouncer: { ...plan, maxDbConnections: value } }),
    },
  ];
}

/** Maximum of `max_connections` in PostgreSQL; a higher value would not help the other two either. */
const MAX_VALUE = 262_143;

/** Finds the value closest to the current one that solves the problem; sums and limits grow monotonically. */
function closestValue(
  { direction, current }: Adjustment,
  solves: (value: number) => boolean,
): number | undefined {
  if (direction === "up") return smallestPassing(current + 1, MAX_VALUE, solves);
  const tooMany = smallestPassing(1, current, (value) => !solves(value)) ?? 1;
  return tooMany > 1 ? tooMany - 1 : undefined;
}
