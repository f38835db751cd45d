import { Writable } from "node:stream";
import type { Told } from "./arguments";
import type { Plan } from "./engine";
import { pendingLines } from "./report-migrations";
import { changesOf, printPlan, summaryLine } from "./report-plan";
import { schemaDetails, schemaSentences } from "./report-schema";
import { fingerprintOf } from "./saved-plan";
import type { SchemaDrift } from "./schema-drift";
import { Terminal } from "./terminal";
import { codeSpan, fenceFor } from "../components/lib/markdown";
import { printable, printableLines } from "../components/lib/printable";

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
export function markdownReport(
  what: Told,
  plan: Plan,
  schemas: readonly SchemaDrift[] = [],
  warnings: readonly string[] = [],
): string {
  const changed = changesOf(plan).length > 0;
  const drifted = schemas.filter(({ differences }) => differences.length > 0);
  const found = drifted.map((schema) => schemaDetails(schema).join("\n"));
  return [
    markOf(what, plan.stack),
    ...(changed || drifted.length > 0 ? [] : [NOTHING_FOUND]),
    `### ${HEADINGS[what]} \`${plan.stack}\``,
    "",
    `**${plain(summaryLine(plan))}**`,
    ...warnings.map((text) => `\nWarning: ${plain(text)}`),
    ...plan.unchecked.map((text) => `\nNot checked: ${plain(text)}`),
    ...[...pendingLines(plan), ...schemaSentences(schemas)].map((text) => `\n${plain(text)}`),
    ...drifted.flatMap(({ database }, index) =>
      block(`What differs in ${database}`, found[index] ?? "", MOST),
    ),
    ...(changed ? details(plan, Math.max(0, MOST - found.join("").length)) : []),
    "",
    `Engine ${plan.engine} · fingerprint \`${fingerprintOf(plan.stack, plan.resources)}\``,
    "",
  ].join("\n");
}

/** What makes markup, a mention, a reference, a formula or a link of a text. Emphasis, by underscores, does no harm. */
const ACTIVE = /[\\`*[\]<>@#&|!$]|:\/\/|www\./i;

/** A text on one line, as a code span where a value in it could be more than text. */
function plain(text: string): string {
  return ACTIVE.test(text) ? codeSpan(text) : printable(text);
}

function details(plan: Plan, most: number): readonly string[] {
  return block("What would be done", printed({ ...plan, unchecked: [] }), most);
}

function block(title: string, text: string, most: number): readonly string[] {
  const whole = text.length <= most;
  const shown = printableLines(whole ? text : text.slice(0, most));
  // Longer than any run of them in the text, so that nothing in it can end the block.
  const fence = fenceFor(shown);
  return [
    ...["", `<details><summary>${title}</summary>`, ""],
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
