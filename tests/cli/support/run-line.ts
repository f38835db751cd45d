/** The command line without the commands' actions. */
import { commandLine } from "../../../cli/commands/commands";
import { CommandSession } from "../../../cli/commands/command-session";

const STREAMS = { stdout: process.stdout, stderr: process.stderr };

/** Fails if a command's action starts. */
class NoWork extends CommandSession {
  override finish(): Promise<void> {
    throw new Error("the command line was accepted");
  }

  override onStack(): Promise<void> {
    return this.finish();
  }
}

/** The program with all declared commands. */
export const declared = () => commandLine(new NoWork(STREAMS));

/** Parses a command line that must be refused. */
export async function refused(argv: readonly string[]): Promise<void> {
  await declared().parseAsync(argv, { from: "user" });
}

/** The command, arguments and options of a command line. */
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
