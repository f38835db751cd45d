/** A page with the charts of a dashboard, for a stack without Grafana. */
import type { Overrides } from "../../components/objectives/plan/catalogue";
import {
  type DashboardPlan,
  type MetricPanel,
  panelOf,
  queryOfStack,
} from "../../components/objectives/plan/dashboard-panels";
import { limitsText, valueText } from "../../components/objectives/plan/readable-value";
import { html, htmlPage, Markup } from "../status/markup";
import { COLOURS, panelChart } from "./panel-chart";
import type { History, RangeQuery } from "./range-query";

interface PageOptions {
  readonly stack: string;
  readonly overrides?: Overrides;
  /** Address of the folder of runbooks, without a slash at its end. */
  readonly runbooks: string;
  readonly query: RangeQuery;
  readonly now: Date;
}

/** Renders a page without scripts, with the rows, panels and limits of the dashboard for Grafana. */
export async function dashboardPage(
  { title, rows }: DashboardPlan,
  options: PageOptions,
): Promise<string> {
  const drawn = await Promise.all(
    rows.map(async ({ question, panels }) => ({
      question,
      panels: await Promise.all(panels.map((panel) => readPanel(panel, options))),
    })),
  );
  const end = options.now.getTime() / 1000;
  const times = drawn.flatMap(({ panels }) =>
    panels.flatMap(({ histories }) => histories.map(({ values }) => values[0]?.[0] ?? end)),
  );
  const span = [Math.min(end - LEAST_SPAN, ...times), end] as const;
  const until = options.now
    .toISOString()
    .replace("T", " ")
    .replace(/:\d\d\..*/, " UTC");
  return htmlPage(
    `${title}, ${options.stack}`,
    STYLE,
    html`<p>
        The last ${Math.round((span[1] - span[0]) / 60)} min until ${until}, read from Prometheus.
        Charts by Apache ECharts, with the queries and limits of the dashboard for Grafana.
      </p>
      ${drawn.map(
        ({ question, panels }) =>
          html`<section>
            <h2>${question}</h2>
            ${panels.map((panel) => article(panel, span, options))}
          </section> `,
      )}`,
  );
}

/** Seconds that a page shows at least. */
const LEAST_SPAN = 300;

interface DrawnPanel extends ReturnType<typeof panelOf> {
  readonly histories: readonly (History & { readonly name: string })[];
}

async function readPanel(
  panel: string | MetricPanel,
  { stack, overrides, query }: PageOptions,
): Promise<DrawnPanel> {
  const plan = panelOf(panel, overrides);
  const read = await Promise.all(
    plan.queries.map(async ({ expr, legend }) =>
      (await query(queryOfStack(expr, stack))).map((history) => ({
        ...history,
        values: history.values.filter(([, value]) => Number.isFinite(value)),
        name: legendText(legend, history.labels) || plan.title,
      })),
    ),
  );
  const histories = read.flat().filter(({ values }) => values.length > 0);
  return { ...plan, histories };
}

/** Fills in the labels, as Grafana does. */
function legendText(legend: string, labels: History["labels"]): string {
  return legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? "").trim();
}

function article(
  { title, unit, objective, histories }: DrawnPanel,
  span: readonly [number, number],
  { runbooks }: Pick<PageOptions, "runbooks">,
): Markup {
  const latest = ({ values }: History): number => values.at(-1)?.[1] ?? 0;
  const worst = objective?.good === "above" ? 1 : -1;
  const shown = histories
    .toSorted((one, other) => worst * (latest(one) - latest(other)))
    .slice(0, COLOURS.length);
  const left = histories.length - shown.length;
  return html`<article>
    <h3>
      ${title} ${objective ? html`<a href="${runbooks}/${objective.name}.md">runbook</a>` : html``}
    </h3>
    <p>${objective ? limitsText(objective) : ""}</p>
    ${
      shown.length > 0
        ? new Markup(panelChart({ unit, objective, histories: shown, span }))
        : html`<p class="empty">no data</p>`
    }
    <ul>
      ${shown.map(
        (history, index) =>
          html`<li>
            <i style="background: ${COLOURS[index] ?? ""}"></i> ${history.name}
            <b>${valueText(latest(history), unit)}</b>
          </li> `,
      )}
      ${left > 0 ? html`<li>and ${left} more</li>` : html``}
    </ul>
  </article> `;
}

const STYLE = `
section { grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); }
article { display: grid; grid-row: span 4; grid-template-rows: subgrid; row-gap: 0; }
h3 { flex-wrap: nowrap; }
svg { display: block; height: auto; width: 100%; }
h3 a { white-space: nowrap; }
h3 a, article p { color: var(--unknown); font-size: .85rem; font-weight: normal; }
.empty { border: 1px dashed var(--line); border-radius: .4rem; padding: 3rem 0; text-align: center; }
ul { align-content: start; display: flex; flex-wrap: wrap; font-size: .85rem; gap: .1rem 1rem; list-style: none; margin: .3rem 0 0; padding: 0; }
b { white-space: nowrap; }
i { border-radius: .2rem; display: inline-block; height: .6rem; width: .6rem; }
`;
