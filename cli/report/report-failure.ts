import { printableTail } from "../../components/text/printable";
import type { Failure, Result, StackRef } from "../../engine/engine";
import { causeOf, shortCause } from "../../engine/failure-cause";
import { count, describeResource } from "../../engine/names";
import { writeRunLog } from "./run-log";
import { npmCommand } from "../../engine/read-outputs";
import type { Terminal } from "./terminal";

/** Maximum failures on the screen; a run that goes on after the first may have many with one cause. */
const MOST = 5;

/**
 * Prints the end of a failed run: the failed steps with their causes, the log with the full text, and the next command.
 * A cause is printed only here.
 */
export function printFailure(
  name: "up" | "destroy",
  result: Result,
  ref: StackRef,
  terminal: Terminal,
): void {
  const again = npmCommand(name, ref.stack);
  const { failed } = result;
  terminal.line();
  if (failed.length === 0) {
    terminal.line(terminal.paint("yellow", "Interrupted before all steps were done."));
    terminal.line(`Run ${again} again; it resumes.`);
    return;
  }
  for (const { subjects, reason } of byCause(failed).slice(0, MOST)) {
    const text = printableTail(shortCause(reason));
    terminal.line(
      terminal.paint("red", subjects === "" ? `Failed: ${text}` : `Failed: ${subjects}\n  ${text}`),
    );
  }
  const more = byCause(failed).length - MOST;
  if (more > 0) terminal.line(terminal.paint("red", `And ${count(more, "more failure")}.`));
  const log = writeRunLog(ref, name, logText(name, result));
  if (log !== undefined) terminal.line(`Full text: ${log}`);
  terminal.line(`Fix the cause and run ${again} again; it resumes.`);
}

interface Cause {
  /** Empty for a failure of the run itself. */
  readonly subjects: string;
  readonly reason: string;
}

/** Groups steps that failed with the same text, for example because one server is down. */
function byCause(failed: readonly Failure[]): readonly Cause[] {
  const reasons = [...new Set(failed.map(({ reason }) => causeOf(reason)))];
  return reasons.map((reason) => {
    const all = failed.filter((each) => causeOf(each.reason) === reason && each.urn !== "");
    const [first] = all;
    const others = all.length > 1 ? ` and ${count(all.length - 1, "more step")}` : "";
    return {
      subjects: first === undefined ? "" : `${describeResource(first.urn)}${others}`,
      reason,
    };
  });
}

function logText(name: string, { engine, stack, failed, skipped }: Result): string {
  const [first] = byCause(failed);
  const [summary = "", detail = ""] = (first?.reason ?? "").split("\n");
  return [
    [first?.subjects, summary.endsWith(":") ? `${summary} ${detail.trim()}` : summary]
      .filter(Boolean)
      .join(": "),
    "",
    `${name} of the stack ${stack} by the engine ${engine}: ${failed.length} failed, ${skipped.length} skipped`,
    ...failed.map(({ urn, reason }) => `\nFailed: ${urn}\n${reason}`),
    ...skipped.map(({ urn, reason }) => `\nSkipped: ${urn}\n${reason}`),
    "",
  ].join("\n");
}
