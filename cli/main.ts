import { CommanderError } from "@commander-js/extra-typings";
import { projectRoot } from "../components/files/project-root";
import { shortened } from "../components/text/printable";
import { commandLine } from "./commands/commands";
import { UsageError, UserError } from "../engine/engine";
import { refuseFlagsTakenByNpm } from "./commands/command-line";
import { InterruptedError } from "../engine/pulumi/pulumi-process";
import { writeRunLog } from "./report/run-log";
import { CommandSession } from "./commands/command-session";
import { ignoreClosedPipes, guardStandardStreams, flushed } from "./report/standard-streams";

/** Exit codes; `--help` lists them. */
const FAILED = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

async function main(): Promise<number> {
  ignoreClosedPipes();
  const session = new CommandSession(guardStandardStreams());
  const program = commandLine(session);
  refuseFlagsTakenByNpm(program, process.env);
  const given = process.argv.slice(2);
  await program.parseAsync(given.length > 0 ? given : ["help"], { from: "user" });
  return session.code;
}

/** Prints an error once, at the end of the run, and returns the exit code. */
function reportError(error: unknown): number {
  if (!(error instanceof Error)) {
    console.error(error);
    return FAILED;
  }
  // Help was requested and printed.
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof UsageError) {
    console.error(error.message);
    return WRONG_USAGE;
  }
  if (error instanceof InterruptedError) {
    console.error(error.message);
    return INTERRUPTED;
  }
  // By name, since the program's bundle has its own copies of these classes.
  const forUser = error.name === "UserError" || error.name === "SettingsError";
  if (!forUser)
    console.error(withLog(`Unexpected error: ${shortened(error.message, 1000)}`, error.stack));
  else console.error(withLog(error.message, error instanceof UserError ? error.detail : undefined));
  return FAILED;
}

/** The message and the log that has the details; the details themselves if no log can be written. */
function withLog(message: string, details: string | undefined): string {
  if (details === undefined || details === message) return message;
  const log = writeRunLog({ root: projectRoot(), stack: "error" }, "error", details);
  return log === undefined ? details : `${message}\nFull text: ${log}`;
}

void main()
  .catch(reportError)
  .then(async (code) => {
    await Promise.all([process.stdout, process.stderr].map(flushed));
    // Exits even if something is still open, such as a socket.
    process.exit(code);
  });
