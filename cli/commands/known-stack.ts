import { shortened } from "../../components/text/printable";
import type { StackOutputs } from "../../components/outputs/outputs";
import { UserError, type Engine, type FailedRun, type StackRef } from "../../engine/engine";
import { findRunLog } from "../report/run-log";
import { command, readOutputs } from "../../engine/read-outputs";
import type { Terminal } from "../report/terminal";

/** What a failed run changed is not in the outputs yet. */
export const BEFORE =
  "Addresses and logins are those from before it; the next successful `up` brings the new ones.";

/** What the stack's last successful run left, and what to tell about a later one that failed. */
export interface KnownStack {
  readonly outputs: StackOutputs;
  readonly failure: string | undefined;
}

/** Throws {@link UserError} saying how to bring the stack up, where nothing is known of it. */
export async function knownStack(engine: Engine, ref: StackRef): Promise<KnownStack> {
  const [outputs, failed] = await Promise.all([engine.outputs(ref), engine.failedRun(ref)]);
  const read = readOutputs(outputs);
  const failure = failed && failedRunText(ref, failed);
  if (read !== undefined) return { outputs: read, failure };
  throw new UserError(
    `Stack ${ref.stack} is not up. ${failure === undefined ? "" : `${failure}. Fix the cause. `}Run ${command("up", ref.stack)}.`,
  );
}

/** The outputs of a stack; a later run that failed is mentioned beside what the command prints. */
export async function requireOutputs(
  engine: Engine,
  ref: StackRef,
  terminal: Terminal,
): Promise<StackOutputs> {
  const { outputs, failure } = await knownStack(engine, ref);
  if (failure !== undefined) {
    terminal.error(terminal.paint("yellow", `Note: ${failure}. ${BEFORE}`));
  }
  return outputs;
}

/** A sentence on the last run that changed the stack, where it did not succeed; its cause, where this checkout has it. */
function failedRunText(ref: StackRef, failed: FailedRun): string {
  const when = `The last \`${failed.command}\` of stack ${ref.stack} (begun ${minuteOf(failed.began)})`;
  const log = findRunLog(ref, failed);
  if (log === undefined) return `${when} did not succeed: it failed, was stopped, or still runs`;
  return `${when} failed: ${shortened(log.cause, 300)} (full text: ${log.file})`;
}

function minuteOf(time: Date): string {
  return time
    .toISOString()
    .replace("T", " ")
    .replace(/:[^:]*$/, " UTC");
}
