import { inputProblems } from "./connection-input";
import { clientBudget, connectionBudget, openFilesBudget } from "./connection-sums";
import type { Budget, BudgetInput, PgBouncerPlan } from "./connection-sums";
import type { Problem } from "../../text/problem";

export * from "./application-tiers";
export * from "./connection-sums";

/** A setting and the nearest value of it with which a budget fits. */
export interface Suggestion {
  readonly key: string;
  readonly value: number;
}

/** One thing that is wrong with a plan of connections. */
export interface BudgetProblem extends Problem {
  /** Each alone solves this problem and makes no new one. Empty for a value that is no number. */
  readonly suggestions: readonly Suggestion[];
}

/**
 * Everything wrong with a plan: values that cannot be counted; else each sum that is over its
 * limit (sessions of the server, clients of PgBouncer, PgBouncer's open files), itemised, with the
 * nearest settings that fit. Empty if it fits. Pure, so that settings collect it with the rest.
 */
export function budgetProblems(input: BudgetInput): readonly BudgetProblem[] {
  const unusable = inputProblems(input);
  if (unusable.length > 0) return unusable.map((problem) => ({ ...problem, suggestions: [] }));

  return [...budgetsOf(input)]
    .filter(([, budget]) => !budget.fits)
    .map(([key, budget]) => {
      const suggestions = suggestionsFor(key, input);
      const fits = suggestions.map((each) => `${each.key} ${each.value} fits`);
      return {
        key: `${input.server}.${key}`,
        value: currentValue(key, input),
        allowed: fits.length > 0 ? fits.join(", or ") : "fewer pods, pools or logins",
        why: `the sum is over its limit:\n${formatBudget(budget)}`,
        suggestions,
      };
    });
}

/** An itemised sum as lines of text; items of 0 are left out. */
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

/** The three sums, by the setting that limits each. */
type BudgetKey = "max_connections" | "max_client_conn" | "open_files";

function budgetsOf(input: BudgetInput): Map<BudgetKey, Budget> {
  const budgets = new Map<BudgetKey, Budget>([["max_connections", connectionBudget(input)]]);
  if (input.pgbouncer) {
    budgets.set("max_client_conn", clientBudget(input.pgbouncer, input.clients));
    budgets.set("open_files", openFilesBudget(input.pgbouncer));
  }
  return budgets;
}

function currentValue(key: BudgetKey, input: BudgetInput): number {
  if (key === "max_connections") return input.maxConnections;
  const { maxClientConn = 0, openFiles = 0 } = input.pgbouncer ?? {};
  return key === "max_client_conn" ? maxClientConn : openFiles;
}

/** A setting that can be turned, and what the plan is with another value of it. */
interface Lever {
  readonly key: string;
  readonly turn: "down" | "up";
  readonly current: number;
  readonly withValue: (value: number) => BudgetInput;
}

/** PostgreSQL's own limit of `max_connections`; more is no answer for the other two either. */
const HIGHEST = 262_143;

function suggestionsFor(key: BudgetKey, input: BudgetInput): Suggestion[] {
  const broken = brokenIn(input);
  return leversFor(key, input).flatMap((lever) => {
    const solves = (value: number) => !brokenIn(lever.withValue(value)).has(key);
    const value = lever.turn === "down" ? largest(lever, solves) : smallest(lever, solves);
    if (value === undefined) return [];
    const after = brokenIn(lever.withValue(value));
    return [...after].every((each) => broken.has(each)) ? [{ key: lever.key, value }] : [];
  });
}

function brokenIn(input: BudgetInput): Set<BudgetKey> {
  return new Set([...budgetsOf(input)].filter(([, { fits }]) => !fits).map(([key]) => key));
}

function leversFor(key: BudgetKey, input: BudgetInput): Lever[] {
  const { pgbouncer } = input;
  const changed = (change: Partial<PgBouncerPlan>): BudgetInput =>
    pgbouncer ? { ...input, pgbouncer: { ...pgbouncer, ...change } } : input;
  const { maxClientConn = 0, openFiles = 0 } = pgbouncer ?? {};
  const clientLimit = (turn: Lever["turn"]): Lever => ({
    key: "max_client_conn",
    turn,
    current: maxClientConn,
    withValue: (value) => changed({ maxClientConn: value }),
  });

  if (key === "open_files") {
    const withValue = (value: number) => changed({ openFiles: value });
    return [clientLimit("down"), { key: "open_files", turn: "up", current: openFiles, withValue }];
  }
  if (key === "max_client_conn") {
    return [...clientLevers(input, "pgbouncer"), clientLimit("up")];
  }
  const withValue = (value: number) => ({ ...input, maxConnections: value });
  return [
    ...(pgbouncer ? poolLevers(pgbouncer, changed) : []),
    ...clientLevers(input, "direct"),
    { key: "max_connections", turn: "up", current: input.maxConnections, withValue },
  ];
}

/** Pool size of one application; the others stay. */
function clientLevers(input: BudgetInput, via: "pgbouncer" | "direct"): Lever[] {
  return input.clients
    .filter((pool) => pool.via === via)
    .map((pool) => ({
      key: `${pool.name} pool size`,
      turn: "down",
      current: pool.poolSize,
      withValue: (poolSize) => ({
        ...input,
        clients: input.clients.map((each) => (each === pool ? { ...each, poolSize } : each)),
      }),
    }));
}

function poolLevers(
  plan: PgBouncerPlan,
  changed: (change: Partial<PgBouncerPlan>) => BudgetInput,
): Lever[] {
  // Without a cap, the size of the largest entry is the first cap that changes nothing.
  const uncapped = plan.entries.map(
    ({ logins, poolSize = plan.defaultPoolSize, reservePoolSize = plan.reservePoolSize }) =>
      logins * (poolSize + reservePoolSize),
  );
  return [
    {
      key: "default_pool_size",
      turn: "down",
      current: plan.defaultPoolSize,
      withValue: (defaultPoolSize) => changed({ defaultPoolSize }),
    },
    {
      key: "max_db_connections",
      turn: "down",
      current: plan.maxDbConnections || Math.max(1, ...uncapped),
      withValue: (maxDbConnections) => changed({ maxDbConnections }),
    },
  ];
}

/** Largest value from 1 to below the current one that solves; sums only grow with a value. */
function largest({ current }: Lever, solves: (value: number) => boolean): number | undefined {
  let low = 0;
  let high = current;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (solves(middle)) low = middle;
    else high = middle;
  }
  return low === 0 ? undefined : low;
}

/** Smallest value above the current one that solves; limits only grow with a value. */
function smallest({ current }: Lever, solves: (value: number) => boolean): number | undefined {
  let low = current;
  let high = HIGHEST + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (solves(middle)) high = middle;
    else low = middle;
  }
  return high > HIGHEST ? undefined : high;
}
