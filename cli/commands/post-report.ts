/** The command `npm run tell`: posts a report on a pull request, or as an issue. */
import { UserError } from "../../engine/engine";
import { GitHub } from "../report/github";
import { readIfThere } from "../../components/files/files";
import type { ReportKind } from "../report/report-databases";
import { INCOMPLETE, reportMarker, NOTHING_FOUND } from "../report/report-markdown";
import { shortened } from "../../components/text/printable";

export interface PostReportCommand {
  readonly kind: ReportKind;
  readonly stack: string;
  readonly report: string;
}

/**
 * Posts a report to GitHub, in one place per stack: a comment on the pull request, or an issue.
 * @returns a sentence that says what was done
 */
export async function postReport(
  { kind, stack, report }: PostReportCommand,
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<string> {
  const github = new GitHub(env);
  const mark = reportMarker(kind, stack);
  const text = read(report, kind, mark);
  const body = `${text ?? failure(mark, kind, stack)}\n[The run](${github.run})\n`;
  if (kind === "preview") return comment(github, mark, body);
  if (text === undefined) {
    throw new UserError(
      `${shortened(report)} does not exist: the run failed before writing it. No issue was changed.`,
    );
  }
  return issue(github, mark, stack, text.split("\n")[1], body);
}

async function comment(github: GitHub, mark: string, body: string): Promise<string> {
  const list = `/issues/${github.pullRequest}/comments`;
  const earlier = await github.find(list, mark);
  if (earlier === undefined) {
    await github.write("POST", list, { body });
    return "Added a comment with the report to the pull request.";
  }
  await github.write("PATCH", `/issues/comments/${earlier.id}`, { body });
  return "Updated the comment on the pull request.";
}

/** @param found the second line of the report */
async function issue(
  github: GitHub,
  mark: string,
  stack: string,
  found: string | undefined,
  body: string,
): Promise<string> {
  const number = (await github.find("/issues?state=open", mark))?.number;
  if (found === NOTHING_FOUND) {
    if (number === undefined) return "No drift, and no open issue.";
    const closing = `The drift is gone: [the run](${github.run}) found no differences.`;
    await github.write("POST", `/issues/${number}/comments`, { body: closing });
    const closed = { state: "closed", state_reason: "completed" };
    await github.write("PATCH", `/issues/${number}`, closed);
    return `Closed issue ${number}.`;
  }
  const incomplete = found === INCOMPLETE;
  // An incomplete check neither confirms nor disproves an open issue, so the issue stays unchanged.
  if (incomplete && number !== undefined) {
    return `The check is incomplete: issue ${number} stays open, unchanged.`;
  }
  const title = incomplete
    ? `The drift check of the stack ${stack} is incomplete`
    : `The stack ${stack} has drifted`;
  if (number === undefined) {
    await github.write("POST", "/issues", { title, body });
    return incomplete
      ? "The check is incomplete: opened an issue."
      : "Opened an issue with the report.";
  }
  await github.write("PATCH", `/issues/${number}`, { title, body });
  return `Updated issue ${number} with the report.`;
}

/** Undefined if the file does not exist. @throws {UserError} if it is a report of another kind or stack */
function read(file: string, what: ReportKind, mark: string): string | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  if (text.startsWith(`${mark}\n`)) return text;
  throw new UserError(
    `${shortened(file)} is not a ${what} report of this stack: its first line must be ${mark}. ` +
      `\`npm run ${what} -- --stack NAME --report FILE\` writes it.`,
  );
}

function failure(mark: string, what: ReportKind, stack: string): string {
  return [mark, `### The ${what} of \`${stack}\` failed`, "", "The log has the cause.", ""].join(
    "\n",
  );
}
