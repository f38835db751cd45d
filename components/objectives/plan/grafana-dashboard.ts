import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Dashboard,
  type Threshold,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  VizLegendOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { contentHash } from "../../text/fingerprint";
import type { Overrides } from "./catalogue";
import { type DashboardPlan, type MetricPanel, panelOf } from "./dashboard-panels";
import type { Objective, Unit } from "./objective";

/** Grafana's names of the units. */
const UNITS: Readonly<Record<Unit, string>> = {
  bytes: "bytes",
  count: "short",
  perSecond: "ops",
  seconds: "s",
  share: "percentunit",
};

/** Grafana's limit. */
const LONGEST_UID = 40;

const HEIGHT = 8;
const WIDTH = 24;

/** Grafana knows this variable's value as the data source of every panel. */
const DATASOURCE = { type: "prometheus", uid: "${datasource}" };

export interface DashboardOptions {
  /** Stack whose limits it shows, as a Grafana may have the dashboards of several. */
  readonly stack: string;
  readonly overrides?: Overrides;
  readonly runbooks: string;
}

/**
 * Renders a dashboard for Grafana: for its sidecar, which loads ConfigMaps, or to be imported by hand. In the schema
 * that every version of Grafana reads; its second one is known to Grafana 12 and later.
 */
/* oxlint-disable typescript/no-deprecated -- see above */
export function grafanaDashboard(
  { uid, title, rows }: DashboardPlan,
  options: DashboardOptions,
): Dashboard {
  const { stack } = options;
  const dashboard = new DashboardBuilder(`${title}, ${stack}`)
    .uid(uidOf(`${uid}-${stack}`))
    .tags(["sark"])
    .readonly()
    .refresh("30s")
    .time({ from: "now-3h", to: "now" })
    .withVariable(
      new DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"),
    )
    .withVariable(choice("stack", "Stack", "label_values(sark_server_up, stack)"))
    .withVariable(
      choice("database", "Database", 'label_values(sark_server_up{stack=~"$stack"}, database)'),
    )
    .withVariable(
      choice(
        "server",
        "Instance",
        'label_values(sark_server_up{stack=~"$stack",database=~"$database"}, server)',
      ),
    );
  for (const { question, panels } of rows) {
    dashboard.withRow(new RowBuilder(question));
    for (const each of panels) {
      const panel = panelBuilder(each, options);
      dashboard.withPanel(panel.height(HEIGHT).span(Math.floor(WIDTH / panels.length)));
    }
  }
  return dashboard.build();
}
/* oxlint-enable typescript/no-deprecated */

/** A name within Grafana's limit, which differs between stacks whose long names begin alike. */
function uidOf(name: string): string {
  if (name.length <= LONGEST_UID) return name;
  const hash = contentHash(name);
  return `${name.slice(0, LONGEST_UID - 1 - hash.length)}-${hash}`;
}

function choice(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .query(query)
    .datasource(DATASOURCE)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: ["All"], value: ["$__all"] });
}

/** A panel of an objective has its limits as lines, and a link to its runbook. */
function panelBuilder(
  plan: string | MetricPanel,
  { overrides, runbooks }: DashboardOptions,
): PanelBuilder {
  const { title, unit, queries, objective } = panelOf(plan, overrides);
  const panel = new PanelBuilder()
    .title(title)
    .unit(UNITS[unit])
    .datasource(DATASOURCE)
    .min(0)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    );
  for (const { expr, legend } of queries) {
    panel.withTarget(new DataqueryBuilder().expr(expr).legendFormat(legend));
  }
  if (objective === undefined) return panel;
  const steps = thresholdSteps(objective);
  if (steps.length > 1) {
    panel
      .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps))
      .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Line));
  }
  return panel
    .description(objective.summary)
    .links([
      new DashboardLinkBuilder("Runbook")
        .type(DashboardLinkType.Link)
        .url(`${runbooks}/${objective.name}.md`)
        .targetBlank(true),
    ]);
}

/** Grafana's steps: each colour begins at a value, the first one at minus infinity. */
function thresholdSteps({ good, target, critical }: Objective): Threshold[] {
  const limits = [
    ...(target === undefined ? [] : [{ value: target, beyond: "yellow" }]),
    ...(critical === undefined ? [] : [{ value: critical, beyond: "red" }]),
  ];
  if (good === "below") {
    return [
      { value: null, color: "green" },
      ...limits.map(({ value, beyond }) => ({ value, color: beyond })),
    ];
  }
  // From the worst upwards: what lies above a limit has the colour beyond the next one.
  const rising = limits.toReversed();
  return [
    { value: null, color: rising[0]?.beyond ?? "green" },
    ...rising.map(({ value }, at) => ({ value, color: rising[at + 1]?.beyond ?? "green" })),
  ];
}
