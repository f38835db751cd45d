/** The text and the page of readings that are made up. */
import { OBJECTIVES } from "../../../components/objectives/plan/catalogue";
import type { ObjectiveState } from "../../../components/objectives/plan/objective-state";
import { Samples } from "../../../components/objectives/plan/samples";
import { readOutputs } from "../../../engine/read-outputs";
import type { ServerFacts } from "../../../cli/status/probed-facts";
import { statusPage } from "../../../cli/status/status-page";
import { printStatus, type Reading } from "../../../cli/status/status-report";
import { fakeTerminal, OUTPUTS } from "../support/fakes";

const HOSTILE = `<script>alert("1")</script>'&\u001b[31m`;

function measured(name: string, state: Partial<ObjectiveState>): ObjectiveState {
  const objective = OBJECTIVES.find((each) => each.name === name);
  if (objective === undefined) throw new Error(`no objective ${name}`);
  return { objective, state: "good", value: 0, labels: {}, ...state };
}

function reading(
  objectives: readonly ObjectiveState[],
  more: Partial<Pick<Reading, "problems">> = {},
  stack = "local",
): Reading {
  const { sark, sark_audit: audit } = readOutputs(OUTPUTS)?.servers ?? {};
  if (sark === undefined || audit === undefined) throw new Error("the outputs have two servers");
  const facts: ServerFacts = {
    version: "18.4",
    role: "primary",
    sessions: 1,
    maxConnections: 100,
    extensions: {},
    applied: [],
    shutOut: [],
    replication: undefined,
    metrics: new Samples(new Map()),
  };
  const servers = [sark, audit].map((server) => ({
    name: server.database,
    expected: "primary" as const,
    server,
    address: { host: server.host, port: server.port },
    answer: { up: true, facts } as const,
    pending: [],
  }));
  return {
    status: { stack, servers, pool: null },
    measured: [{ name: "sark", objectives }],
    problems: [],
    ...more,
  };
}

function text(shown: Reading, all = false): string {
  const { terminal, out } = fakeTerminal();
  printStatus(shown, terminal, all);
  return out();
}

const DEAD_ROWS = measured("dead-rows", {
  state: "warning",
  value: 0.34,
  labels: { table_name: "sessions" },
});

describe("the text of status", () => {
  it("of a healthy stack has a line for each server, numbers, limits and a verdict", () => {
    expect(text(reading([measured("connections", { value: 0.1 })])).split("\n")).toEqual([
      "sark        up  127.0.0.1:15432  PostgreSQL 18.4  primary",
      "sark_audit  up  127.0.0.1:15434  PostgreSQL 18.4  primary",
      "objectives  1 good",
      "limits      sark_audit: it has one session",
      "",
      "All healthy.",
      "",
    ]);
  });

  it("shows an objective that is missed with value, limits and query", () => {
    const shown = text(reading([measured("connections", {}), DEAD_ROWS]));
    expect(shown).toContain(
      "\nsark\n  warning  dead-rows  34 % (sessions)  at most 20 %, critical above 50 %  npm run query dead-rows\n",
    );
    expect(shown).not.toContain("connection-use");
    expect(shown).toContain("\nNo problems: 1 warning, 1 good.\n");
  });

  it("shows every objective with --all", () => {
    expect(text(reading([measured("connections", {}), DEAD_ROWS]), true)).toMatch(
      /\n {2}good {5}connections .*connection-use\n {2}warning {2}dead-rows /,
    );
  });

  it("leaves out an objective that a problem already names", () => {
    const problem = {
      text: "sark: 1 migration pending.",
      covers: [{ server: "sark", objective: "pending-migrations" }],
    };
    const pending = measured("pending-migrations", { state: "warning", value: 1 });
    const shown = text(reading([pending], { problems: [problem] }));
    expect(shown).toContain("Problem: sark: 1 migration pending.");
    expect(shown).not.toContain("pending-migrations");
  });

  it("shows the reason of an objective that could not be read", () => {
    const [unread, idle] = [{ reason: "permission denied" }, {}].map((more): ObjectiveState => {
      const { value, ...rest } = measured("cache-hits", { state: "unknown", ...more });
      return rest;
    });
    expect(text(reading([unread as ObjectiveState]))).toMatch(
      /unknown {2}cache-hits {2}permission denied .*\n\nEverything checked is healthy\.\n$/,
    );
    expect(text(reading([idle as ObjectiveState]))).toMatch(/1 unknown\n[^]*All healthy\.\n$/);
  });

  it("is coloured on a terminal", () => {
    const { terminal, out } = fakeTerminal({ answers: [], colours: true });
    printStatus(reading([{ ...DEAD_ROWS, state: "critical" }]), terminal, false);
    expect(out()).toContain("\u001b[31mcritical\u001b[0m  dead-rows");
    expect(out()).toContain("\u001b[31mNot healthy: 1 critical.\u001b[0m");
  });
});

describe("the page of status", () => {
  const at = new Date("2026-11-30T12:00:00.500Z");
  const page = (...readings: readonly Reading[]) => statusPage(readings, at);

  it("escapes every value, and has no script and no external resource", () => {
    const hostile = { ...DEAD_ROWS, labels: { table_name: HOSTILE } };
    const problems = [{ text: HOSTILE }];
    const shown = page(reading([hostile], { problems }, HOSTILE));
    expect(shown).not.toMatch(/<script|javascript:|https?:|<link|<img|@import|url\(/i);
    expect(shown).not.toContain("\u001b");
    expect(shown).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;");
    expect(shown).toContain('<meta name="viewport"');
    expect(shown).toContain("prefers-color-scheme: dark");
  });

  it("closes every element that it opens", () => {
    const open: string[] = [];
    const shown = page(reading([DEAD_ROWS]), reading([{ ...DEAD_ROWS, value: 0.4 }]));
    for (const [, closing, name, end] of shown.matchAll(/<(\/?)([a-z]\w*)[^>]*?(\/?)>/g)) {
      if (name === "meta" || end === "/") continue;
      if (closing !== "/") open.push(name ?? "");
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });

  it("shows time, value, limits, state and query of each objective", () => {
    const shown = page(reading([DEAD_ROWS]));
    for (const part of [
      "2026-11-30 12:00:00 UTC: 1 warning",
      "<h2>sark</h2>",
      '<article class="warning">',
      "<strong>34 % (sessions)</strong> at most 20 %, critical above 50 %",
      "<code>npm run query dead-rows</code>",
    ]) {
      expect(shown).toContain(part);
    }
    expect(shown).not.toContain("<svg");
  });

  it("draws the readings before it, with a gap where a value is missing", () => {
    const values = [0.1, 0.2, undefined, 0.3, 0.1];
    const shown = page(
      ...values.map((value) => {
        const { value: _, ...rest } = DEAD_ROWS;
        return reading([value === undefined ? rest : { ...rest, value }]);
      }),
    );
    expect(shown).toContain(' d="M0.0 31.0L40.0 16.0M120.0 1.0L160.0 31.0"');
  });
});
