import { UserError } from "../../engine/engine";
import { GitHub } from "../report/github";
import { readIfThere } from "../../components/files/files";
import type { Told } from "../report/report-databases";
import { INCOMPLETE, markOf, NOTHING_FOUND } from "../report/report-markdown";
import { shortened } from "../../components/text/printable";

export interface TellCommand {
  readonly what: Told;
  readonly stack: string;
  readonly report: string;
}

/**
 * Puts a report where people read it, in one place for each stack: a comment of the pull request, or an issue.
 * @returns what was done, a sentence
 */
export async function tell(
  { what, stack, report }: TellCommand,
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<string> {
  const github = new GitHub(env);
  const mark = markOf(what, stack);
  const text = read(report, what, mark);
  const body = `${text ?? failure(mark, what, stack)}\n[The run](${github.run})\n`;
  if (what === "preview") return comment(github, mark, body);
  if (text === undefined) {
    throw new UserError(
      `${shortened(report)} does not exist: the run failed before it, and no issue was changed.`,
    );
  }
  return issue(github, mark, stack, text.split("\n")[1], body);
}

async function comment(github: GitHub, mark: string, body: string): Promise<string> {
  const list = `/issues/${github.pullRequest}/comments`;
  const earlier = await github.find(list, mark);
  if (earlier === undefined) {
    await github.write("POST", list, { body });
    return "The report is a comment of the pull request.";
  }
  await github.write("PATCH", `/issues/comments/${earlier.id}`, { body });
  return "The comment of the pull request has the report.";
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
    if (number === undefined) return "No drift, and no issue that says so.";
    const closing = `There is none any more: [the run](${github.run}) found everything as described.`;
    await github.write("POST", `/issues/${number}/comments`, { body: closing });
    const closed = { state: "closed", state_reason: "completed" };
    await github.write("PATCH", `/issues/${number}`, closed);
    return `Issue ${number} is closed.`;
  }
  const incomplete = found === INCOMPLETE;
  // Whether an open issue is still true is not known, so it stays as it is.
  if (incomplete && number !== undefined) {
    return `The check is incomplete: issue ${number} stays open, unchanged.`;
  }
  const title = incomplete
    ? `The drift check of the stack ${stack} is incomplete`
    : `The stack ${stack} has drifted`;
  if (number === undefined) {
    await github.write("POST", "/issues", { title, body });
    return incomplete
      ? "The check is incomplete: a new issue says so."
      : "A new issue has the report.";
  }
  await github.write("PATCH", `/issues/${number}`, { title, body });
  return `Issue ${number} has the report.`;
}

/** Undefined when there is none. @throws {UserError} when it is a report on something else */
function read(file: string, what: Told, mark: string): string | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  if (text.startsWith(`${mark}\n`)) return text;
  throw new UserError(
    `${shortened(file)} is not the report that was asked for: its first line would be ${mark}, as \`npm run ${what}\` writes it.`,
  );
}

function failure(mark: string, what: Told, stack: string): string {
  return [mark, `### The ${what} of \`${stack}\` failed`, "", "Its log says why.", ""].join("\n");
}
