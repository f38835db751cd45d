/** A page that shows one reading of a stack, with charts of the readings before it. */
import { limitsText } from "../../components/objectives/plan/readable-value";
import type { ObjectiveState } from "../../components/objectives/plan/objective-state";
import { npmCommand } from "../../engine/read-outputs";
import { html, htmlPage, type Markup } from "./markup";
import type { MeasuredServer } from "./measured-objectives";
import { countsText, type Reading, shownValue } from "./status-report";

const WIDTH = 160;
const HEIGHT = 32;

/**
 * Renders a page without scripts and external resources.
 * @param readings oldest first; the last one is shown, the others are the history of its charts
 */
export function statusPage(readings: readonly Reading[], time: Date): string {
  const reading = readings.at(-1);
  if (reading === undefined) return "";
  const { status, measured, problems } = reading;
  const { stack } = status;
  const at = time.toISOString().replace("T", " ").replace(/\..*/, " UTC");
  return htmlPage(
    `Status of ${stack}`,
    STYLE,
    html`<p>${[at, countsText(measured)].filter(Boolean).join(": ")}</p>
      ${problems.map(({ text }) => html`<p class="problem">${text}</p> `)}
      ${measured
        .filter(({ objectives }) => objectives.length > 0)
        .map((server) => section(server, stack, readings))}`,
  );
}

function section(
  { name, objectives }: MeasuredServer,
  stack: string,
  readings: readonly Reading[],
): Markup {
  return html`<section>
    <h2>${name}</h2>
    ${objectives.map((each) => article(each, stack, historyOf(name, each, readings)))}
  </section> `;
}

function article(
  measured: ObjectiveState,
  stack: string,
  history: readonly (number | undefined)[],
): Markup {
  const { objective, state } = measured;
  return html`<article class="${state}">
    <h3>${objective.name} <span>${state}</span></h3>
    <p>${objective.title}</p>
    <p><strong>${shownValue(measured)}</strong> ${limitsText(objective)}</p>
    ${chart(history)}
    ${objective.query === undefined ? "" : html`<code>${npmCommand(`query ${objective.query}`, stack)}</code>`}
  </article> `;
}

function historyOf(
  name: string,
  { objective }: ObjectiveState,
  readings: readonly Reading[],
): readonly (number | undefined)[] {
  return readings.map(
    ({ measured }) =>
      measured
        .find((server) => server.name === name)
        ?.objectives.find((each) => each.objective.name === objective.name)?.value,
  );
}

/** A line through the values, with gaps where one is missing; nothing for fewer than two. */
function chart(values: readonly (number | undefined)[]): Markup {
  const known = values.filter((value) => value !== undefined);
  if (known.length < 2) return html``;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const step = WIDTH / (values.length - 1);
  const height = (value: number): number =>
    most === least ? HEIGHT / 2 : HEIGHT - 1 - ((value - least) / (most - least)) * (HEIGHT - 2);
  const path = values
    .map((value, index) => {
      if (value === undefined) return "";
      const command = index === 0 || values[index - 1] === undefined ? "M" : "L";
      return `${command}${(index * step).toFixed(1)} ${height(value).toFixed(1)}`;
    })
    .join("");
  return html`<svg
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    preserveAspectRatio="none"
    role="img"
    aria-label="The last ${values.length} readings"
  >
    <path d="${path}" />
  </svg>`;
}

const STYLE = `
article { border-left: .4rem solid var(--state); }
h3 span, .problem { color: var(--state); }
svg { display: block; height: 2rem; margin: .3rem 0; width: 100%; }
path { fill: none; stroke: var(--state); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.good { --state: var(--good); } .warning { --state: var(--warning); } .unknown { --state: var(--unknown); }
.critical, .problem { --state: var(--critical); }
`;
