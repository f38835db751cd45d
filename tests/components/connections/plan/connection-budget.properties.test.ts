import fc from "fast-check";

import {
  budgetProblems,
  clientBudget,
  connectionBudget,
  openFilesBudget,
} from "../../../../components/connections/plan/connection-budget";
import type {
  BudgetInput,
  PgBouncerPlan,
  SettingSuggestion,
} from "../../../../components/connections/plan/connection-budget";

describe("connection budget of any plan", () => {
  const surge = fc.oneof(
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 100 }).map((share): `${number}%` => `${share}%`),
  );
  const client = fc.record({
    name: fc.constantFrom("api", "worker"),
    pods: fc.integer({ min: 0, max: 20 }),
    autoscalerMaximum: fc.integer({ min: 0, max: 30 }),
    maxSurge: surge,
    poolSize: fc.integer({ min: 1, max: 40 }),
    maxOverflow: fc.integer({ min: 0, max: 20 }),
    via: fc.constantFrom("direct" as const, "pgbouncer" as const),
  });
  const input: fc.Arbitrary<BudgetInput & { pgbouncer: PgBouncerPlan }> = fc.record({
    server: fc.constant("sark"),
    maxConnections: fc.integer({ min: 1, max: 1000 }),
    clients: fc.uniqueArray(client, { maxLength: 2, selector: ({ name }) => name }),
    pgbouncer: fc.record({
      instances: fc.integer({ min: 1, max: 4 }),
      maxSurge: surge,
      entries: fc.array(
        fc.record(
          {
            name: fc.constantFrom("sark", "sark_session"),
            logins: fc.integer({ min: 1, max: 6 }),
            poolSize: fc.integer({ min: 1, max: 50 }),
          },
          { requiredKeys: ["name", "logins"] },
        ),
        { maxLength: 3 },
      ),
      defaultPoolSize: fc.integer({ min: 1, max: 60 }),
      reservePoolSize: fc.integer({ min: 0, max: 10 }),
      maxDbConnections: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 200 })),
      maxClientConn: fc.integer({ min: 1, max: 1500 }),
      openFiles: fc.integer({ min: 1, max: 2048 }),
    }),
    replicas: fc.integer({ min: 0, max: 5 }),
  });

  it("has items that add up to the total, which fits up to the limit", () => {
    fc.assert(
      fc.property(input, (plan) => {
        const { pgbouncer, clients } = plan;
        for (const budget of [
          connectionBudget(plan),
          clientBudget(pgbouncer, clients),
          openFilesBudget(pgbouncer),
        ]) {
          expect(budget.items.map(({ count }) => count).reduce((a, b) => a + b, 0)).toBe(
            budget.total,
          );
          expect(budget.fits).toBe(budget.total <= budget.limit);
        }
      }),
    );
  });

  it("never shrinks when anything grows", () => {
    const more = <K extends string>(key: K, by: number) => {
      return (values: Record<K, number>) => ({ ...values, [key]: values[key] + by });
    };
    fc.assert(
      fc.property(input, fc.integer({ min: 1, max: 9 }), (plan, by) => {
        const before = connectionBudget(plan).total;
        const withPool = (pgbouncer: PgBouncerPlan) =>
          connectionBudget({ ...plan, pgbouncer }).total;
        const pool = plan.pgbouncer;
        expect(withPool({ ...pool, ...more("instances", by)(pool) })).toBeGreaterThanOrEqual(
          before,
        );
        expect(withPool({ ...pool, ...more("defaultPoolSize", by)(pool) })).toBeGreaterThanOrEqual(
          before,
        );
        expect(withPool({ ...pool, ...more("reservePoolSize", by)(pool) })).toBeGreaterThanOrEqual(
          before,
        );
        if (pool.maxDbConnections > 0) {
          expect(
            withPool({ ...pool, ...more("maxDbConnections", by)(pool) }),
          ).toBeGreaterThanOrEqual(before);
        }
        expect(connectionBudget({ ...plan, replicas: plan.replicas + by }).total).toBe(before + by);
        for (const key of ["pods", "autoscalerMaximum", "poolSize", "maxOverflow"] as const) {
          const clients = plan.clients.map((each) => ({
            ...each,
            [key]: (each[key] ?? 0) + by,
          }));
          expect(connectionBudget({ ...plan, clients }).total).toBeGreaterThanOrEqual(before);
        }
      }),
    );
  });

  /** The plan with one suggestion applied; an offset moves it back towards the rejected value. */
  function taking(plan: BudgetInput & { pgbouncer: PgBouncerPlan }, suggestion: SettingSuggestion) {
    const { key, value } = suggestion;
    const { pgbouncer } = plan;
    switch (key) {
      case "max_connections":
        return { ...plan, maxConnections: value };
      case "default_pool_size":
        return { ...plan, pgbouncer: { ...pgbouncer, defaultPoolSize: value } };
      case "max_db_connections":
        return { ...plan, pgbouncer: { ...pgbouncer, maxDbConnections: value } };
      case "max_client_conn":
        return { ...plan, pgbouncer: { ...pgbouncer, maxClientConn: value } };
      case "open_files":
        return { ...plan, pgbouncer: { ...pgbouncer, openFiles: value } };
      default: {
        const clients = plan.clients.map((each) =>
          `${each.name} pool size` === key ? { ...each, poolSize: value } : each,
        );
        return { ...plan, clients };
      }
    }
  }

  it("suggests values that fit without new problems and are the closest to the current ones", () => {
    const taken = new Set<string>();
    fc.assert(
      fc.property(input, (plan) => {
        const problems = budgetProblems(plan);
        const keys = problems.map(({ key }) => key);
        for (const problem of problems) {
          for (const suggestion of problem.suggestions) {
            taken.add(suggestion.key);
            const solved = budgetProblems(taking(plan, suggestion)).map(({ key }) => key);
            expect(solved).not.toContain(problem.key);
            expect(keys).toEqual(expect.arrayContaining(solved));

            const limitOfIts = problem.key === `sark.${suggestion.key}`;
            const upwards = limitOfIts && suggestion.value > Number(problem.value) ? -1 : 1;
            const next = { ...suggestion, value: suggestion.value + upwards };
            const again = budgetProblems(taking(plan, next)).map(({ key }) => key);
            expect(again).toContain(problem.key);
          }
        }
      }),
      { numRuns: 1000 },
    );
    // Every kind of suggestion must have occurred, or the property proves less than its title.
    expect([...taken].sort()).toEqual([
      "api pool size",
      "default_pool_size",
      "max_client_conn",
      "max_connections",
      "max_db_connections",
      "open_files",
      "worker pool size",
    ]);
  });
});
