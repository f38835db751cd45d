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
  switch (text.split("\n")[1]) {
    case NOTHING_FOUND:
      return closeIssue(github, mark);
    case INCOMPLETE:
      return keepIssue(github, mark, `The drift check of the stack ${stack} is incomplete`, body);
    default:
      return openIssue(github, mark, `The stack ${stack} has drifted`, body);
  }
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

async function openIssue(
  github: GitHub,
  mark: string,
  title: string,
  body: string,
): Promise<string> {
  const open = await github.find("/issues?state=open", mark);
  if (open?.number === undefined) {
    await github.write("POST", "/issues", { title, body });
    return "A new issue has the report.";
  }
  await github.write("PATCH", `/issues/${open.number}`, { title, body });
  return `Issue ${open.number} has the report.`;
}

/** Whether an open issue is still true is not known, so it stays as it is. */
async function keepIssue(
  github: GitHub,
  mark: string,
  title: string,
  body: string,
): Promise<string> {
  const open = await github.find("/issues?state=open", mark);
  if (open?.number !== undefined) {
    return `The check is incomplete: issue ${open.number} stays open, unchanged.`;
  }
  await github.write("POST", "/issues", { title, body });
  return "The check is incomplete: a new issue says so.";
}

async function closeIssue(github: GitHub, mark: string): Promise<string> {
  const open = await github.find("/issues?state=open", mark);
  if (open?.number === undefined) return "No drift, and no issue that says so.";
  const body = `There is none any more: [the run](${github.run}) found everything as described.`;
  await github.write("POST", `/issues/${open.number}/comments`, { body });
  await github.write("PATCH", `/issues/${open.number}`, {
    state: "closed",
    state_reason: "completed",
  });
  return `Issue ${open.number} is closed.`;
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
