import * as fs from "node:fs";
import * as path from "node:path";
import { closest } from "fastest-levenshtein";
import { projectRoot } from "../components/project-root";
import { parseCommand, type Command, type StackCommand } from "./arguments";
import { chooseEngine, surroundingsOf, type Choice } from "./choose-engine";
import { listStacks } from "./embedded/config";
import { UserError, type Engine, type Plan, type StackRef } from "./engine";
import { refuseFlagsTakenByNpm, UsageError } from "./flags";
import { helpText } from "./help";
import { runPlanCommand } from "./plan-commands";
import { ensurePgBouncer, thisMachine } from "./prerequisites";
import { PulumiEngine } from "./pulumi-cli";
import { InterruptedError } from "./pulumi-process";
import {
  finishWithoutReader,
  guardStandardStreams,
  keepStandardOutput,
  type StandardStreams,
  written,
} from "./standard-streams";
import { Terminal } from "./terminal";
import { writeRunLog } from "./run-log";
import { printable, shortened } from "../components/lib/printable";

/** The pool of a local home, which runs the machine's own PgBouncer. */
const POOL_TYPE = "pulumi-nodejs:dynamic/local:PgBouncer";

/** Exit codes; `--help` lists them. */
const FAILED = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

async function main(): Promise<number> {
  finishWithoutReader();
  const streams = guardStandardStreams();
  refuseFlagsTakenByNpm(process.env);
  const command = parseCommand(process.argv.slice(2));
  if (command.name === "help") {
    console.log(helpText(command.about));
    return 0;
  }
  return run(command, projectRoot(), streams);
}

async function run(
  command: Exclude<Command, { name: "help" }>,
  root: string,
  streams: StandardStreams,
): Promise<number> {
  switch (command.name) {
    case "test": {
      const { runTests } = await import("./test-command.js");
      return runTests(root, command.jestArguments);
    }
    case "scan": {
      const { runScan } = await import("../scan/command.js");
      return runScan(root, await openEngine({ engine: "embedded", why: "it needs no cluster" }));
    }
    case "lint:sql": {
      const { runLint } = await import("../lint/command.js");
      return runLint(root, command);
    }
    case "generate": {
      const { generate } = await import("../scripts/generated/command.js");
      return generate(root, command.names);
    }
    case "tell": {
      const { tell } = await import("./tell.js");
      console.log(await tell(command, process.env));
      return 0;
    }
    case "baseline": {
      const { runBaseline } = await import("./baseline.js");
      return runBaseline(command, terminalFor(command, streams), process.env);
    }
    default:
      return runOnStack(command, { root, stack: command.stack }, terminalFor(command, streams));
  }
}

function terminalFor({ json }: { readonly json: boolean }, streams: StandardStreams): Terminal {
  if (json) keepStandardOutput();
  return new Terminal({ json, stdin: process.stdin, ...streams, env: process.env });
}

async function runOnStack(
  command: StackCommand,
  ref: StackRef,
  terminal: Terminal,
): Promise<number> {
  const surroundings = surroundingsOf(ref, process.env);
  if (!surroundings.madeBy("embedded") && !surroundings.madeBy("pulumi")) checkStack(ref);
  const choice = await chooseEngine(
    { ref, command: command.name, requested: command.engine },
    surroundings,
  );
  const banner = printable(`engine: ${choice.engine} (${choice.why}) · stack: ${ref.stack}`);
  // The output of `secret` and `query` is for a script, with and without --json.
  if (command.name === "secret" || command.name === "query") terminal.error(banner);
  else terminal.line(banner);

  const engine = await openEngine(choice);
  switch (command.name) {
    case "status": {
      const { runStatus } = await import("./status.js");
      return runStatus(engine, ref, terminal);
    }
    case "secret": {
      const { runSecret } = await import("./secret.js");
      return runSecret(command, engine, ref, terminal);
    }
    case "query": {
      const { runQuery } = await import("./query.js");
      return runQuery({ ...command, name: command.query }, engine, ref, terminal);
    }
    case "load": {
      const { runLoad } = await import("./load.js");
      return runLoad(command, engine, ref, terminal);
    }
    default:
      return runPlanCommand(command, engine, ref, terminal, {
        prepare: (plan) => {
          prepare(plan, ref, terminal);
        },
        lossesOf: async (outputs) => (await import("./losses.js")).lossesOf(outputs),
        databaseDriftOf: async (used, at) =>
          (await import("./database-drift.js")).databaseDriftOf(used, at),
      });
  }
}

function prepare({ resources }: Plan, { root }: StackRef, terminal: Terminal): void {
  if (!resources.some(({ type, op }) => type === POOL_TYPE && op !== "delete")) return;
  ensurePgBouncer(thisMachine(root, process.env), (text) => {
    terminal.line(text);
  });
}

/** The embedded engine needs the SDK, which takes longer to load than everything else here: only when it runs. */
async function openEngine(choice: Choice): Promise<Engine> {
  if (choice.engine === "pulumi") return new PulumiEngine(choice.command);
  const { EmbeddedEngine, placeholders } = await import("./embedded/index.js");
  return new EmbeddedEngine({
    program: (root) => path.join(root, ".sark", "build", "program.js"),
    lookup: placeholders(),
  });
}

function checkStack({ root, stack }: StackRef): void {
  if (fs.existsSync(path.join(root, `Pulumi.${stack}.yaml`))) return;
  const stacks = listStacks(root);
  const hint = stacks.length > 0 ? ` Did you mean ${closest(stack, [...stacks])}?` : "";
  throw new UsageError(
    `There is no stack "${stack}": Pulumi.${stack}.yaml does not exist.${printable(hint)} ` +
      `Stacks: ${printable(stacks.join(", ")) || "none"}.`,
  );
}

/** Prints what went wrong, last and once. */
function explain(error: unknown): number {
  if (!(error instanceof Error)) {
    console.error(error);
    return FAILED;
  }
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
