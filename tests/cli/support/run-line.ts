/** The command line without the work of its commands. */
import { commandLine } from "../../../cli/commands/commands";
import { Session } from "../../../cli/commands/command-session";

const STREAMS = { stdout: process.stdout, stderr: process.stderr };

/** Fails where a command would begin its work. */
class NoWork extends Session {
  override finish(): Promise<void> {
    throw new Error("the command line was accepted");
  }

  override onStack(): Promise<void> {
    return this.finish();
  }
}

/** Every command as it is declared. */
export const declared = () => commandLine(new NoWork(STREAMS));

/** Parses a command line that is to be refused. */
export async function refused(argv: readonly string[]): Promise<void> {
  await declared().parseAsync(argv, { from: "user" });
}

/** The command, arguments and options that a command line means. */
export async function parsed(argv: readonly string[]): Promise<object> {
  const program = declared();
  let found = {};
  for (const command of program.commands) {
    command.action(() => {
      found = { name: command.name(), args: command.args, ...command.opts() };
    });
  }
  await program.parseAsync(argv, { from: "user" });
  return found;
}
