/** Draws the curves of a panel as SVG. */
import { init } from "echarts";
import { markDistance, valueText } from "../../components/objectives/plan/readable-value";
import type { Objective, Unit } from "../../components/objectives/plan/objective";
import type { History } from "./range-query";

const WIDTH = 340;
const HEIGHT = 170;

/** Colours that can be told apart on white and on black; yellow and red are those of limits. */
export const COLOURS = [
  "#3b82f6",
  "#0d9488",
  "#8b5cf6",
  "#db2777",
  "#65a30d",
  "#0891b2",
  "#a16207",
  "#6b7280",
];

interface Curves {
  readonly unit: Unit;
  readonly histories: readonly Pick<History, "values">[];
  /** Its limits are drawn as lines. */
  readonly objective?: Pick<Objective, "target" | "critical"> | undefined;
  /** Seconds at which the axis of time begins and ends. */
  readonly span: readonly [number, number];
}

/** Text of the SVG. Colours of text and lines are those of the page. */
export function panelChart({ unit, histories, objective = {}, span }: Curves): string {
  const limits = (["target", "critical"] as const).flatMap((limit) => {
    const value = objective[limit];
    const color = `var(--${limit === "target" ? "warning" : "critical"})`;
    return value === undefined ? [] : [{ yAxis: value, lineStyle: { color } }];
  });
  const values = histories.flatMap((each) => each.values.map(([, value]) => value));
  const highest = Math.max(0, ...values, ...limits.map(({ yAxis }) => yAxis)) || 1;
  const interval = markDistance(highest, unit);
  const axisLabel = { color: "currentColor", fontSize: 11 };
  const chart = init(null, null, {
    renderer: "svg",
    ssr: true,
    width: WIDTH,
    height: HEIGHT,
  });
  chart.setOption({
    animation: false,
    useUTC: true,
    color: COLOURS,
    grid: { left: 56, right: 12, top: 12, bottom: 24 },
    xAxis: {
      type: "time",
      min: span[0] * 1000,
      max: span[1] * 1000,
      splitNumber: 4,
      axisLabel: { ...axisLabel, formatter: "{HH}:{mm}", hideOverlap: true },
      axisLine: { lineStyle: { color: "var(--line)" } },
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      min: 0,
      max: Math.ceil(highest / interval - 1e-9) * interval,
      interval,
      axisLabel: { ...axisLabel, formatter: (value: number) => markText(value, unit) },
      splitLine: { lineStyle: { color: "var(--line)" } },
    },
    series: [
      ...histories.map((history) => ({
        type: "line",
        silent: true,
        symbol: history.values.length === 1 ? "circle" : "none",
        lineStyle: { width: 1.5 },
        data: pointsOf(history),
      })),
      {
        type: "line",
        data: [],
        // Below the curves, as a value often lies on its limit.
        markLine: {
          z: 1,
          silent: true,
          // Digits to which limits are rounded; by default, 5 ms would be 10 ms.
          precision: 9,
          symbol: "none",
          label: { show: false },
          lineStyle: { type: "dashed", width: 1.5 },
          data: limits,
        },
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** Short, as in `500M`, because the axis has little room. */
function markText(value: number, unit: Unit): string {
  if (unit !== "count" || value < 10_000) return valueText(value, unit);
  return value.toLocaleString("en", { notation: "compact" });
}

/** Seconds without a value from which on the curve has a gap. */
const GAP = 60;

function pointsOf({
  values,
}: Pick<History, "values">): readonly (readonly [number, number | null])[] {
  return values.flatMap(([time, value], index) => {
    const before = values[index - 1]?.[0] ?? time;
    const point = [time * 1000, value] as const;
    return time - before > GAP ? [[before * 1000 + 1, null] as const, point] : [point];
  });
}
