import { PassThrough } from "node:stream";
import type { DatabaseDrift } from "./database-drift";
import { gapsOf, hasDrift, isPlan, type NoPlan } from "./drift-check";
import type { Plan } from "../../engine/engine";
import {
  databaseGaps,
  type Differences,
  differencesOf,
  gapSentence,
  sameSentences,
  type Told,
} from "./report-databases";
import { pendingLines } from "./report-migrations";
import { changesOf, printPlan, summaryLine } from "./report-plan";
import { fingerprintOf } from "./saved-plan";
import { Terminal } from "./terminal";
import { codeSpan, fenceFor } from "../../components/text/markdown";
import { printable, printableLines } from "../../components/text/printable";

/** Characters; GitHub takes 65,536 in a comment, and the rest of the report needs a few. */
const MOST = 60_000;

const HEADINGS: Readonly<Record<Told, string>> = { preview: "Preview of", drift: "Drift of" };

/** Tells `tell` which comment or issue a report belongs to; readers do not see it. */
export function markOf(what: Told, stack: string): string {
  return `<!-- sark-databases: ${what} of ${stack} -->`;
}

/** The second line of a report on a stack that is as described. */
export const NOTHING_FOUND = "<!-- nothing to do -->";

/** The second line of a report that found nothing in what was compared, and could not compare all. */
export const INCOMPLETE = "<!-- incomplete -->";

/**
 * A plan in Markdown, for a comment, an issue or a job's summary. It hides what the plan hides.
 * @param plan of drift, if the engine could make one
 */
export function markdownReport(
  what: Told,
  plan: Plan | NoPlan,
  databases: readonly DatabaseDrift[] = [],
  warnings: readonly string[] = [],
): string {
  const differences = differencesOf(what, databases);
  const planned = isPlan(plan);
  const gaps =
    what === "drift"
      ? gapsOf({ plan, databases })
      : databases.flatMap((each) => databaseGaps(what, each));
  const sentences = [
    ...differences.map(({ sentence }) => sentence),
    ...(planned ? pendingLines(plan) : []),
    ...sameSentences(what, databases),
    ...(planned && what === "preview" ? plan.unchecked.map((text) => `Not checked: ${text}`) : []),
    ...gaps.map(gapSentence),
  ];
  return [
    markOf(what, plan.stack),
    ...(hasDrift({ plan, databases })
      ? []
      : [what === "drift" && gaps.length > 0 ? INCOMPLETE : NOTHING_FOUND]),
    `### ${HEADINGS[what]} \`${plan.stack}\``,
    "",
    ...(what === "drift" && gaps.length > 0 ? ["**The check is incomplete.**", ""] : []),
    ...(planned ? [`**${plain(summaryLine(plan))}**`] : []),
    ...warnings.map((text) => `\nWarning: ${plain(text)}`),
    ...sentences.map((text) => `\n${plain(text)}`),
    ...blocks(differences, planned ? plan : undefined),
    "",
    `Engine ${plan.engine}` +
      (planned ? ` · fingerprint \`${fingerprintOf(plan.stack, plan.resources)}\`` : ""),
    "",
  ].join("\n");
}

/** What makes markup, a mention, a reference, a formula or a link of a text. Emphasis, by underscores, does no harm. */
const ACTIVE = /[\\`*[\]<>@#&|!$]|:\/\/|www\./i;

/** A text on one line, as a code span where a value in it could be more than text. */
function plain(text: string): string {
  return ACTIVE.test(text) ? codeSpan(text) : printable(text);
}

/** Each with what the ones before it leave of the space. */
function blocks(differences: readonly Differences[], plan: Plan | undefined): readonly string[] {
  const changed = plan !== undefined && changesOf(plan).length > 0;
  const texts: readonly (readonly [string, string])[] = [
    ...differences.map(
      ({ database, part, details }) =>
        [
          `What differs in ${part === "roles" ? "the roles of " : ""}${database}`,
          details.join("\n"),
        ] as const,
    ),
    ...(changed ? [["What would be done", printed({ ...plan, unchecked: [] })] as const] : []),
  ];
  return texts.flatMap(([title, text], index) => {
    const before = texts.slice(0, index).reduce((sum, [, each]) => sum + each.length, 0);
    return block(title, text, Math.max(0, MOST - before));
  });
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
  // It holds all of the plan before it is read.
  const sink = Object.assign(new PassThrough({ highWaterMark: 2 ** 30 }), { columns: 120 });
  const streams = { stdin: process.stdin, stdout: sink, stderr: sink };
  printPlan(plan, new Terminal({ json: false, ...streams, env: {} }), true);
  return String(sink.read() ?? "");
}
