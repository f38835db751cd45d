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
  type ReportKind,
} from "./report-databases";
import { pendingLines } from "./report-migrations";
import { changesOf, printPlan, summaryLine } from "./report-plan";
import { fingerprintOf } from "./saved-plan";
import { Terminal } from "./terminal";
import { codeSpan, fenceFor } from "../../components/text/markdown";
import { printable, printableLines } from "../../components/text/printable";

/** Maximum characters of the details. GitHub accepts 65,536 in a comment, and the rest of the report needs a few. */
const MOST = 60_000;

const HEADINGS: Readonly<Record<ReportKind, string>> = { preview: "Preview of", drift: "Drift of" };

/** A hidden marker, by which `tell` finds the comment or issue of a report. */
export function reportMarker(what: ReportKind, stack: string): string {
  return `<!-- sark-databases: ${what} of ${stack} -->`;
}

/** The second line of a report without differences. */
export const NOTHING_FOUND = "<!-- nothing to do -->";

/** The second line of a report that found no differences, but could not compare everything. */
export const INCOMPLETE = "<!-- incomplete -->";

/**
 * Renders a plan in Markdown, for a comment, an issue or a job summary. Secrets stay hidden as in the plan.
 * @param plan a {@link NoPlan} for drift, if the engine could not make one
 */
export function markdownReport(
  what: ReportKind,
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
    reportMarker(what, plan.stack),
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

/** Matches text that could become markup, a mention, a reference, a formula or a link. Emphasis is harmless. */
const ACTIVE = /[\\`*[\]<>@#&|!$]|:\/\/|www\./i;

/** A text on one line, as a code span if GitHub could read it as markup. */
function plain(text: string): string {
  return ACTIVE.test(text) ? codeSpan(text) : printable(text);
}

/** The detail blocks. Each gets the space that the earlier ones leave. */
function blocks(differences: readonly Differences[], plan: Plan | undefined): readonly string[] {
  const changed = plan !== undefined && changesOf(plan).length > 0;
  const texts: readonly (readonly [string, string])[] = [
    ...differences.map(
      ({ database, part, details }) =>
        [
          `Differences in ${part === "roles" ? "the roles of " : ""}${database}`,
          details.join("\n"),
        ] as const,
    ),
    ...(changed ? [["Planned changes", printed({ ...plan, unchecked: [] })] as const] : []),
  ];
  return texts.flatMap(([title, text], index) => {
    const before = texts.slice(0, index).reduce((sum, [, each]) => sum + each.length, 0);
    return block(title, text, Math.max(0, MOST - before));
  });
}

function block(title: string, text: string, most: number): readonly string[] {
  const whole = text.length <= most;
  const shown = printableLines(whole ? text : text.slice(0, most));
  // Longer than any run of backticks in the text, so that the text cannot end the block.
  const fence = fenceFor(shown);
  return [
    ...["", `<details><summary>${title}</summary>`, ""],
    ...[`${fence}text`, shown.trimEnd(), fence, ""],
    ...(whole ? [] : ["The rest is in the log of the run.", ""]),
    "</details>",
  ];
}

/** The plan as a terminal of 120 columns shows it. */
function printed(plan: Plan): string {
  // The buffer holds the whole plan before it is read.
  const sink = Object.assign(new PassThrough({ highWaterMark: 2 ** 30 }), { columns: 120 });
  const streams = { stdin: process.stdin, stdout: sink, stderr: sink };
  printPlan(plan, new Terminal({ json: false, ...streams, env: {} }), true);
  return String(sink.read() ?? "");
}
