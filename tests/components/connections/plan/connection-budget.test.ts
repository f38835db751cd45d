import { readFileSync } from "node:fs";
import { join } from "node:path";

import {
  APPLICATION_TIERS,
  budgetProblems,
  clientBudget,
  connectionBudget,
  formatBudget,
  openFilesBudget,
  peakClients,
  RDS_SESSIONS,
  serverConnectionsPerInstance,
  surgePods,
} from "../../../../components/connections/plan/connection-budget";
import type {
  BudgetInput,
  ClientPool,
  PgBouncerPlan,
} from "../../../../components/connections/plan/connection-budget";
import { RESTART_KEYS } from "../../../../components/pool/plan/pgbouncer-ini";
import { formatProblems } from "../../../../components/text/problem";

const api: ClientPool = {
  name: "api",
  pods: 4,
  maxSurge: "25%",
  poolSize: 20,
  maxOverflow: 10,
  via: "direct",
};
const plan: PgBouncerPlan = {
  instances: 2,
  maxSurge: 1,
  entries: [{ name: "sark", logins: 5 }],
  defaultPoolSize: 25,
  reservePoolSize: 5,
  maxDbConnections: 40,
  maxClientConn: 1000,
  openFiles: 4096,
};
const direct: BudgetInput = { server: "sark", maxConnections: 300, clients: [api], replicas: 1 };
const pooled: BudgetInput = {
  ...direct,
  maxConnections: 200,
  clients: [{ ...api, poolSize: 5, maxOverflow: 2, via: "pgbouncer" }],
  pgbouncer: plan,
};

/** The guide's formula, for its four pods. */
function guideTotal(tier: { readonly poolSize: number; readonly maxOverflow: number }): number {
  return 4 * (tier.poolSize + tier.maxOverflow);
}

describe("connection tiers of the guide", () => {
  it.each([
    ["low", 60, 100],
    ["medium", 120, 200],
    ["high", 180, 250],
    ["very-high", 240, 300],
  ] as const)("give %s load %d connections of %d", (name, total, maxConnections) => {
    const tier = APPLICATION_TIERS[name];
    expect(guideTotal(tier)).toBe(total);
    expect(tier.maxConnections).toBe(maxConnections);
  });

  it("leave no spare connection in the highest tier, so anything more does not fit", () => {
    const { poolSize, maxOverflow, maxConnections } = APPLICATION_TIERS["very-high"];
    const clients = [{ ...api, maxSurge: 0, poolSize, maxOverflow }];
    const budget = connectionBudget({ server: "sark", maxConnections, clients, replicas: 0 });
    expect(budget.items[0]?.count).toBe(240);
    expect(budget.limit).toBe(240);
    expect(budget.fits).toBe(false);
  });
});

describe("connectionBudget", () => {
  it("counts direct pods with surge and overflow, and all other sessions", () => {
    const budget = connectionBudget({
      ...direct,
      extra: [{ name: "operator", count: 5, formula: "5" }],
      ...RDS_SESSIONS,
    });
    expect(budget.items.map(({ name, count }) => [name, count])).toEqual([
      ["api", 150],
      ["replica", 1],
      ["migrations", 2],
      ["exporter", 2],
      ["provider layer", 4],
      ["operator", 5],
      ["provider's own", 6],
      ["reserved_connections", 2],
      ["superuser_reserved_connections", 3],
    ]);
    expect(budget.items[0]?.formula).toBe("(4 pods + 1 surge) x (20 pool + 10 overflow)");
    expect(budget).toMatchObject({ total: 175, limit: 240, maxConnections: 300, fits: true });
  });

  it("counts the autoscaler's maximum when it exceeds the number of pods", () => {
    expect(peakClients({ ...api, autoscalerMaximum: 10 })).toBe((10 + 3) * 30);
    expect(peakClients({ ...api, autoscalerMaximum: 2 })).toBe((4 + 1) * 30);
  });

  it.each([
    [4, "25%", 1],
    [5, "25%", 2],
    [10, "100%", 10],
    [4, 3, 3],
    [0, "25%", 0],
    [100, "7%", 7],
  ] as const)("rounds the surge of %d pods at %s up to %d", (pods, surge, expected) => {
    expect(surgePods(pods, surge)).toBe(expected);
  });

  it("counts PgBouncer's pools instead of its clients, capped by max_db_connections", () => {
    const [first] = connectionBudget(pooled).items;
    expect(first).toEqual({
      name: "pgbouncer sark",
      count: 120,
      formula:
        "(2 instances + 1 surge) x min(5 logins x (25 pool + 5 reserve), 40 max_db_connections)",
    });
    const uncapped = { ...pooled, pgbouncer: { ...plan, maxDbConnections: 0 } };
    expect(connectionBudget(uncapped).items[0]?.count).toBe(3 * 5 * 30);
  });

  it("prefers the sizes of an entry to those of PgBouncer", () => {
    const entry = { name: "s", logins: 2, poolSize: 3, reservePoolSize: 1, maxDbConnections: 7 };
    const own = { ...plan, entries: [...plan.entries, entry] };
    expect(serverConnectionsPerInstance(own)).toBe(40 + 7);
    const inherits = { ...plan, entries: [{ ...entry, maxDbConnections: 0 }] };
    expect(serverConnectionsPerInstance({ ...inherits, maxDbConnections: 5 })).toBe(5);
  });
});

describe("PgBouncer's client budget", () => {
  it("counts the clients of all instances against max_client_conn", () => {
    const elsewhere = { serverConnections: 30, clients: 9 };
    const budget = clientBudget({ ...plan, elsewhere, maxClientConn: 22 }, pooled.clients);
    expect(budget).toMatchObject({ total: 35 + 9, limit: 44, fits: true });
    expect(clientBudget({ ...plan, maxClientConn: 17 }, pooled.clients).fits).toBe(false);
  });

  it("rejects the guide's 1,000 clients with the usual 1,024 open files", () => {
    const problems = budgetProblems({ ...pooled, pgbouncer: { ...plan, openFiles: 1024 } });
    expect(problems.map(({ key, allowed }) => [key, allowed])).toEqual([
      ["sark.open_files", "max_client_conn 952 fits, or open_files 1072 fits"],
    ]);
    expect(openFilesBudget({ ...plan, openFiles: 1072 }).fits).toBe(true);
  });

  it("does not suggest a max_client_conn that exceeds the open files", () => {
    const tight = { ...plan, maxClientConn: 10, openFiles: 90 };
    const [problem] = budgetProblems({ ...pooled, pgbouncer: tight });
    expect(problem?.key).toBe("sark.max_client_conn");
    // 18 would solve it, and 40 + 18 + 32 files just allow it; with one file less it is rejected.
    expect(problem?.suggestions).toContainEqual({ key: "max_client_conn", value: 18 });
    const [tighter] = budgetProblems({ ...pooled, pgbouncer: { ...tight, openFiles: 89 } });
    expect(tighter?.suggestions.map(({ key }) => key)).toEqual(["api pool size"]);
  });
});

describe("docs/connections.md", () => {
  const page = readFileSync(join(__dirname, "../../../../docs/connections.md"), "utf8");

  it("shows its example sums as computed", () => {
    const refused = { ...pooled, pgbouncer: { ...plan, maxDbConnections: 100 } };
    const [problem] = budgetProblems(refused);
    expect(page).toContain(
      `${problem?.key ?? ""}: got 200; allowed: ${problem?.allowed ?? ""}; ${problem?.why ?? ""}\n`,
    );
    expect(budgetProblems(pooled)).toEqual([]);
    for (const budget of [
      connectionBudget(pooled),
      clientBudget(plan, pooled.clients),
      openFilesBudget(plan),
    ]) {
      expect(page).toContain(`\n\`\`\`\n${formatBudget(budget)}\n\`\`\`\n`);
    }
  });

  it("shows the guide's tiers as in the code", () => {
    for (const [name, tier] of Object.entries(APPLICATION_TIERS)) {
      const { poolSize, maxOverflow, maxConnections } = tier;
      const total = guideTotal(tier);
      const row = [name, poolSize, maxOverflow, total, maxConnections].join(" | ");
      expect(page.replaceAll(/ +/g, " ")).toContain(`| ${row} |`);
    }
  });

  it("lists every setting that needs a restart", () => {
    const names = [...RESTART_KEYS].map((key) => `\`${key}\``).join(", ");
    expect(page.split("\n\n").map((paragraph) => paragraph.replaceAll("\n", " "))).toContain(names);
  });
});

describe("budgetProblems", () => {
  it("accepts a plan that fits", () => {
    expect(budgetProblems(pooled)).toEqual([]);
  });

  it("shows the itemised sum and the closest settings that fit", () => {
    const over = { ...pooled, pgbouncer: { ...plan, maxDbConnections: 100 } };
    expect(formatProblems(budgetProblems(over))).toContain(
      [
        "sark.max_connections: got 200; allowed: default_pool_size 4 fits, or max_db_connections 49 fits, or max_connections 390 fits; the sum exceeds its limit:",
        "  pgbouncer sark                 300 = (2 instances + 1 surge) x min(5 logins x (25 pool + 5 reserve), 100 max_db_connections)",
        "  replica                        1 = 1 x 1 session to rewind or check",
        "  migrations                     2",
        "  exporter                       2",
        "  provider layer                 4",
        "  superuser_reserved_connections 3",
        "  total                          312 of 160 (80 % of max_connections 200)",
      ].join("\n"),
    );
  });

  it("reports all problems at once", () => {
    const pgbouncer = { ...plan, maxDbConnections: 100, maxClientConn: 1, openFiles: 1 };
    expect(budgetProblems({ ...pooled, pgbouncer }).map(({ key }) => key)).toEqual([
      "sark.max_connections",
      "sark.max_client_conn",
      "sark.open_files",
    ]);
  });

  it("says when no single setting helps", () => {
    const impossible = { ...direct, maxConnections: 262_143, replicas: 999_999 };
    const [problem] = budgetProblems(impossible);
    expect(problem?.allowed).toBe("fewer pods, pools or logins");
  });
});
