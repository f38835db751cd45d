import { dashboardPage } from "../../../cli/dashboards/dashboard-page";
import { panelChart } from "../../../cli/dashboards/panel-chart";
import { type History, rangeQuery } from "../../../cli/dashboards/range-query";
import { panelOf } from "../../../components/objectives/plan/dashboard-panels";
import { DASHBOARDS } from "../../../components/objectives/plan/dashboards";
import { limitsText } from "../../../components/objectives/plan/readable-value";

const now = new Date("2026-11-30T12:00:00.500Z");
const END = 1_796_040_000;

function history(value: number, labels: History["labels"] = { server: "sark" }): History {
  return { labels, values: [0, 15, 30].map((age) => [END - 600 + age, value]) };
}

async function page(at: number, answer: readonly History[], asked: string[] = []): Promise<string> {
  const [plan] = DASHBOARDS.slice(at);
  if (!plan) throw new Error("no such dashboard");
  return dashboardPage(plan, {
    stack: "blue",
    overrides: { "dead-rows": { target: 0.33 } },
    runbooks: "file:///docs/runbooks",
    now,
    query: (expr) => {
      asked.push(expr);
      return Promise.resolve(answer);
    },
  });
}

describe.each(DASHBOARDS.map(({ title, rows }, at) => ({ title, rows, at })))(
  "the page of $title",
  ({ title, rows, at }) => {
    it("has the rows, panels, limits, runbooks and a chart of each panel of the dashboard", async () => {
      const asked: string[] = [];
      const shown = await page(at, [history(1)], asked);
      expect(shown).toContain(`<h1>${title}, blue</h1>`);
      for (const { question, panels } of rows) {
        expect(shown).toContain(`<h2>${question}</h2>`);
        for (const panel of panels) {
          const { title: name, objective, queries } = panelOf(panel);
          expect(shown).toContain(name);
          expect(asked.filter((expr) => expr.includes("$"))).toEqual([]);
          expect(asked.length).toBeGreaterThanOrEqual(queries.length);
          if (!objective) continue;
          expect(shown).toContain(`file:///docs/runbooks/${objective.name}.md`);
          if (objective.name !== "dead-rows") expect(shown).toContain(limitsText(objective));
        }
      }
      const panels = rows.flatMap((row) => row.panels);
      expect(shown.match(/<svg/g)).toHaveLength(panels.length);
    });

    it("says of each panel without values that it has no data", async () => {
      const panels = rows.flatMap((row) => row.panels);
      expect((await page(at, [])).match(/no data/g)).toHaveLength(panels.length);
    });
  },
);

describe("a dashboard's page", () => {
  it("shows the stack's own limits, the last value of each series, and the worst eight of them", async () => {
    const tables = Array.from({ length: 12 }, (_, number) =>
      history(number / 100, { server: "sark", table_name: `table${number}` }),
    );
    const articles = (await page(1, tables)).split("<article>");
    const shown = articles.find((each) => each.includes("dead-rows.md"));
    expect(shown).toContain("at most 33 %, critical above 50 %");
    expect(shown).toMatch(/sark table11\s+<b>11 %<\/b>/);
    expect(shown).not.toContain("sark table3");
    expect(shown).toContain("and 4 more");
  });

  it("escapes labels, and has no script and no external resource", async () => {
    const shown = await page(0, [history(1, { server: '<script>alert("1")</script>' })]);
    expect(shown).not.toMatch(/<script|javascript:|<link|<img|@import|src=/i);
    expect(shown.replaceAll("http://www.w3.org/", "")).not.toMatch(/https?:/);
  });

  it("leaves out values that are no numbers, such as 0/0", async () => {
    expect(await page(0, [history(NaN)])).not.toContain("<svg");
  });
});

describe("panelChart", () => {
  const span = [END - 600, END] as const;

  it("draws a curve, both limits, and marks at round numbers of the unit", () => {
    const svg = panelChart({
      unit: "bytes",
      histories: [history(900 * 2 ** 20)],
      objective: { target: 2 ** 30, critical: 1.5 * 2 ** 30 },
      span,
    });
    for (const part of ["1 GiB", "2 GiB", "var(--warning)", "var(--critical)", "11:54"]) {
      expect(svg).toContain(part);
    }
  });

  it("draws limits of milliseconds at their values", () => {
    const svg = panelChart({
      unit: "seconds",
      histories: [],
      objective: { target: 0.005, critical: 0.01 },
      span,
    });
    const [target, critical] = ["warning", "critical"].map(
      (limit) => new RegExp(`d="(M[^"]+)"[^>]*var\\(--${limit}\\)`).exec(svg)?.[1],
    );
    expect(target).toBeDefined();
    expect(target).not.toBe(critical);
  });

  it("has a gap where values are missing for longer than a minute", () => {
    const curve = (times: readonly number[]) =>
      panelChart({
        unit: "count",
        histories: [{ values: times.map((time) => [END - time, 1]) }],
        span,
      })
        .match(/<path d="([^"]+)"[^>]* stroke="#3b82f6"/)?.[1]
        ?.match(/M/g)?.length;
    expect(curve([200, 185, 125, 110])).toBe(1);
    expect(curve([300, 285, 125, 110])).toBe(2);
  });
});

test("rangeQuery says what to do if the stack runs no Prometheus", () => {
  const outputs = { servers: {}, pool: null, logins: {} };
  expect(() => rangeQuery(outputs, "dev", now)).toThrow(
    /^Stack dev runs no Prometheus to draw from\. .*import the dashboards into its Grafana\.$/,
  );
});
