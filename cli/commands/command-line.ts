/** The layout of help texts and usage errors, shared by all commands. */
import {
  Command,
  type CommandUnknownOpts,
  type ErrorOptions as Failure,
  type HelpContext,
} from "@commander-js/extra-typings";
import { shortened } from "../../components/text/printable";
import { suggestion } from "../../components/text/suggestion";
import { UsageError } from "../../engine/engine";

export const ENGINES = `
Engines:
  A stack keeps the engine that created it for as long as it has resources. A
  stack without resources uses the Pulumi CLI if there is one: on the PATH, in
  ~/.pulumi (from the npm package "pulumi" or Pulumi's installer), or in
  .sark/cli. Otherwise the embedded engine plans any stack, and applies the
  stack "local".
  If a command needs the CLI and finds none, the npm package "pulumi" downloads
  it into .sark/cli: for up and destroy of a stack other than "local", and with
  --engine pulumi. Without a network the download fails within 10 seconds, and
  is not tried again for a day.
  The CLI keeps its state in .sark/state/pulumi unless you are logged in to a
  backend, or name one in PULUMI_BACKEND_URL or Pulumi.yaml.`;

const EXIT_CODES = `
Exit codes:
  0 done   1 failed   2 wrong usage   130 interrupted
  3 changes found (--expect-no-changes, drift)`;

/** A commander command whose errors are one printable line that names the allowed values. */
class CheckedCommand extends Command {
  override createCommand(name?: string): Command {
    return new CheckedCommand(name);
  }

  /** Reports an unknown name given to `help` as an unknown command. */
  override help(context?: HelpContext | ((text: string) => string)): never {
    if (typeof context !== "object" || !context.error) super.help(context as HelpContext);
    const [, name = ""] = this.args;
    const near = suggestion(
      name,
      this.commands.map((command) => command.name()),
    );
    const hint = near === undefined ? "" : ` (Did you mean ${near}?)`;
    this.error(`error: unknown command '${name}'${hint}`, { code: "commander.unknownCommand" });
  }

  override error(message: string, { code }: Failure = {}): never {
    const text = shortened(message.replace("\n(Did you mean", " (Did you mean"), 300);
    switch (code) {
      case "commander.unknownCommand":
        throw new UsageError(`${text}; allowed: ${this.commands.map((c) => c.name()).join(", ")}`);
      case "commander.unknownOption":
        throw new UsageError(`${text}; allowed: ${longFlags(this).join(", ")}`);
      case "commander.excessArguments": {
        const takesStack =
          this.registeredArguments.length === 0 && longFlags(this).includes("--stack");
        const stack = takesStack ? " Name a stack with --stack." : "";
        throw new UsageError(`${text} Given: ${shortened(this.args.join(", "))}.${stack}`);
      }
      case "commander.missingMandatoryOptionValue":
      case "commander.optionMissingArgument": {
        const option = this.options.find(({ flags }) => message.includes(`'${flags}'`));
        throw new UsageError(
          option ? `${text}: ${this.createHelp().optionDescription(option)}` : text,
        );
      }
      default:
        throw new UsageError(text);
    }
  }
}

function longFlags(command: Pick<CommandUnknownOpts, "options">): readonly string[] {
  return [...command.options.flatMap(({ long }) => long ?? []), "--help"];
}

/** A program without commands. After it shows help, it throws a CommanderError with exit code 0. */
export function emptyProgram(): Command {
  return new CheckedCommand("npm run")
    .description(
      'SARK\'s databases. Options follow "--": npm run up -- --stack dev. Help for one command: npm run up -- --help',
    )
    .usage("<command> -- [options]")
    .helpCommand("help [command]", "Shows this text, or the help of one command.")
    .configureHelp({
      commandUsage: (command) =>
        command.parent === null
          ? `${command.name()} ${command.usage()}`
          : `npm run ${command.name()} -- ${command.usage()}`,
      subcommandTerm: (command) => `npm run ${command.name()}`,
      // The first sentence.
      subcommandDescription: (command) =>
        command
          .description()
          .split(/\.(?: |$)/, 1)
          .join(),
    })
    .addHelpText("after", ENGINES)
    .addHelpText("afterAll", EXIT_CODES)
    .enablePositionalOptions()
    .exitOverride();
}

/** npm has options with these names too, so their values may come from its own configuration. */
const NPM_FLAGS: readonly string[] = ["--yes", "--json", "--all", "--help"];

/**
 * Refuses flags before `--`: npm swallows them, so the command would run on another stack.
 * @throws {UsageError} with the correct command line
 */
export function refuseFlagsTakenByNpm(
  program: Pick<CommandUnknownOpts, "commands">,
  environment: Readonly<NodeJS.ProcessEnv>,
): void {
  const flags = new Set(program.commands.flatMap(longFlags));
  const taken = [...flags].filter(
    (flag) =>
      !NPM_FLAGS.includes(flag) &&
      environment[`npm_config_${flag.slice(2).replaceAll("-", "_")}`] !== undefined,
  );
  if (taken.length === 0) return;
  const event = shortened(environment["npm_lifecycle_event"] ?? "up");
  throw new UsageError(
    `npm took ${taken.join(" and ")} as its own flag. ` +
      `Put "--" before the flags: npm run ${event} -- ${taken.join(" ... ")} ...`,
  );
}
