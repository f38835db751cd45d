/** A page that shows one reading of a stack, with charts of the readings before it. */
import { limitsText } from "../../components/objectives/plan/readable-value";
import type { ObjectiveState } from "../../components/objectives/plan/objective-state";
import { npmCommand } from "../../engine/read-outputs";
import { html, Markup } from "./markup";
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
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'"
        />
        <title>Status of ${stack}</title>
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <h1>Status of ${stack}</h1>
        <p>${[at, countsText(measured)].filter(Boolean).join(": ")}</p>
        ${problems.map(({ text }) => html`<p class="problem">${text}</p> `)}
        ${measured
          .filter(({ objectives }) => objectives.length > 0)
          .map((server) => section(server, stack, readings))}
      </body>
    </html> `;
  return page.text;
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
:root { color-scheme: light dark; --good: #1a7f37; --warning: #9a6700; --critical: #cf222e; --unknown: #6e7781; --line: #d0d7de; }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --warning: #d29922; --critical: #f85149; --unknown: #8b949e; --line: #30363d; } }
body { font: 16px/1.4 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1rem; }
section { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
h2 { grid-column: 1 / -1; margin: 1rem 0 0; }
article { border: 1px solid var(--line); border-left: .4rem solid var(--state); border-radius: .4rem; min-width: 0; padding: .6rem .8rem; overflow-wrap: anywhere; }
h3 { display: flex; flex-wrap: wrap; font-size: 1rem; gap: .5rem; justify-content: space-between; margin: 0; }
h3 span, .problem { color: var(--state); }
article p { margin: .3rem 0; }
svg { display: block; height: 2rem; margin: .3rem 0; width: 100%; }
path { fill: none; stroke: var(--state); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.good { --state: var(--good); } .warning { --state: var(--warning); } .unknown { --state: var(--unknown); }
.critical, .problem { --state: var(--critical); }
`;
