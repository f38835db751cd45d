import { shortened } from "../../components/text/printable";
import type { StackOutputs } from "../../components/outputs/outputs";
import { UserError, type Engine, type FailedRun, type StackRef } from "../../engine/engine";
import { findRunLog } from "../report/run-log";
import { npmCommand, readOutputs } from "../../engine/read-outputs";
import type { Terminal } from "../report/terminal";

/** A note on outputs after a failed run, whose changes they do not contain yet. */
export const STALE_OUTPUTS_NOTE =
  "Addresses and logins are those from before it; the next successful `up` updates them.";

/** The outputs of the stack's last successful run, and a sentence on a later run that failed. */
export interface KnownStack {
  readonly outputs: StackOutputs;
  readonly failure: string | undefined;
}

/** @throws {UserError} that says how to bring the stack up, if it has no outputs */
export async function knownStack(engine: Engine, ref: StackRef): Promise<KnownStack> {
  const [outputs, failed] = await Promise.all([engine.outputs(ref), engine.failedRun(ref)]);
  const read = readOutputs(outputs);
  const failure = failed && failedRunText(ref, failed);
  if (read !== undefined) return { outputs: read, failure };
  throw new UserError(
    `Stack ${ref.stack} is not up. ${failure === undefined ? "" : `${failure}. Fix the cause. `}Run ${npmCommand("up", ref.stack)}.`,
  );
}

/** Returns the outputs of a stack, and prints a note on stderr if a later run failed. */
export async function requireOutputs(
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
): Promise<StackOutputs> {
  const { outputs, failure } = await knownStack(engine, ref);
  if (failure !== undefined) {
    terminal.error(terminal.paint("yellow", `Note: ${failure}. ${STALE_OUTPUTS_NOTE}`));
  }
  return outputs;
}

/** Describes the last run that changed the stack and failed, with its cause if this checkout has the log. */
function failedRunText(ref: StackRef, failed: FailedRun): string {
  const when = `The last \`${failed.command}\` of stack ${ref.stack} (started ${minuteOf(failed.began)})`;
  const log = findRunLog(ref, failed);
  if (log === undefined)
    return `${when} did not succeed: it failed, was stopped, or is still running`;
  return `${when} failed: ${shortened(log.cause, 300)} (full text: ${log.file})`;
}

function minuteOf(time: Date): string {
  return time
    .toISOString()
    .replace("T", " ")
    .replace(/:[^:]*$/, " UTC");
}
