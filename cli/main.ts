import { CommanderError } from "@commander-js/extra-typings";
import { projectRoot } from "../components/files/project-root";
import { shortened } from "../components/text/printable";
import { commandLine } from "./commands/commands";
import { UsageError, UserError } from "../engine/engine";
import { refuseFlagsTakenByNpm } from "./commands/command-line";
import { InterruptedError } from "../engine/pulumi/pulumi-process";
import { writeRunLog } from "./report/run-log";
import { Session } from "./commands/command-session";
import { finishWithoutReader, guardStandardStreams, written } from "./report/standard-streams";

/** Exit codes; `--help` lists them. */
const FAILED = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

async function main(): Promise<number> {
  finishWithoutReader();
  const session = new Session(guardStandardStreams());
  const program = commandLine(session);
  refuseFlagsTakenByNpm(program, process.env);
  const given = process.argv.slice(2);
  await program.parseAsync(given.length > 0 ? given : ["help"], { from: "user" });
  return session.code;
}

/** Prints what went wrong, last and once. */
function explain(error: unknown): number {
  if (!(error instanceof Error)) {
    console.error(error);
    return FAILED;
  }
  // Help was asked for and printed.
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof UsageError) {
    console.error(error.message);
    return WRONG_USAGE;
  }
  if (error instanceof InterruptedError) {
    console.error(error.message);
    return INTERRUPTED;
  }
  // By name: the program's bundle has classes of its own.
  const forUser = error.name === "UserError" || error.name === "SettingsError";
  if (!forUser)
    console.error(withLog(`Unexpected error: ${shortened(error.message, 1000)}`, error.stack));
  else console.error(withLog(error.message, error instanceof UserError ? error.detail : undefined));
  return FAILED;
}

/** A message, and the file that has more; more itself, where no file can be written. */
function withLog(message: string, more: string | undefined): string {
  if (more === undefined || more === message) return message;
  const log = writeRunLog({ root: projectRoot(), stack: "error" }, "error", more);
  return log === undefined ? more : `${message}\nFull text: ${log}`;
}

void main()
  .catch(explain)
  .then(async (code) => {
    await Promise.all([process.stdout, process.stderr].map(written));
    // Nothing that was left open may keep a finished command from ending.
    process.exit(code);
  });
