import { Writable } from "node:stream";
import type { Told } from "./arguments";
import type { Plan } from "./engine";
import { changesOf, printPlan, summaryLine } from "./report-plan";
import { fingerprintOf } from "./saved-plan";
import { Terminal } from "./terminal";

/** Characters; GitHub takes 65,536 in a comment, and the rest of the report needs a few. */
const MOST = 60_000;

const HEADINGS: Readonly<Record<Told, string>> = { preview: "Preview of", drift: "Drift of" };

/** Tells `tell` which comment or issue a report belongs to; readers do not see it. */
export function markOf(what: Told, stack: string): string {
  return `<!-- sark-databases: ${what} of ${stack} -->`;
}

/** The second line of a report on a stack that is as described. */
export const NOTHING_FOUND = "<!-- nothing to do -->";

/** A plan in Markdown, for a comment, an issue or a job's summary. It hides what the plan hides. */
export function markdownReport(what: Told, plan: Plan): string {
  const changed = changesOf(plan).length > 0;
  return [
    markOf(what, plan.stack),
    ...(changed ? [] : [NOTHING_FOUND]),
    `### ${HEADINGS[what]} \`${plan.stack}\``,
    "",
    `**${summaryLine(plan)}**`,
    ...plan.unchecked.map((text) => `\nNot checked: ${text}`),
    ...(changed ? details(plan) : []),
    "",
    `Engine ${plan.engine} · fingerprint \`${fingerprintOf(plan.stack, plan.resources)}\``,
    "",
  ].join("\n");
}

function details(plan: Plan): readonly string[] {
  const text = printed({ ...plan, unchecked: [] });
  const whole = text.length <= MOST;
  const shown = whole ? text : text.slice(0, MOST);
  // Longer than any run of them in the text, so that nothing in it can end the block.
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return [
    ...["", "<details><summary>What would be done</summary>", ""],
    ...[`${fence}text`, shown.trimEnd(), fence, ""],
    ...(whole ? [] : ["The rest is in the log of the run.", ""]),
    "</details>",
  ];
}

/** What a terminal of 120 columns shows. */
function printed(plan: Plan): string {
  const parts: string[] = [];
  const sink = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        parts.push(chunk.toString());
        done();
      },
    }),
    { columns: 120 },
  );
  const streams = { stdin: process.stdin, stdout: sink, stderr: sink };
  printPlan(plan, new Terminal({ json: false, ...streams, env: {} }), true);
  return parts.join("");
}
