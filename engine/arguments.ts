import { parseArgs, type ParseArgsConfig } from "node:util";
import { closest } from "fastest-levenshtein";
import type { EngineName } from "./engine";

/** What every command but `test` understands. */
export interface CommonOptions {
  readonly stack: string;
  /** Undefined: chosen as `choose-engine.ts` describes. */
  readonly engine: EngineName | undefined;
  readonly yes: boolean;
  readonly json: boolean;
}

export type PlanCommandName = "up" | "preview" | "destroy" | "drift";

/** Files that a command reads or writes; undefined where the flag was not given. */
export interface PlanFiles {
  /** `preview --save-plan`: what `up --plan` takes. */
  readonly savePlan: string | undefined;
  /** `up --plan`: nothing else is carried out. */
  readonly plan: string | undefined;
  /** `preview --report`, `drift --report`: the same in Markdown. */
  readonly report: string | undefined;
}

/** What of a stack is told on GitHub. */
export type Told = "preview" | "drift";

export type Command =
  | (CommonOptions &
      PlanFiles & { readonly name: PlanCommandName; readonly expectNoChanges: boolean })
  | (CommonOptions & { readonly name: "status" })
  | (CommonOptions & {
      readonly name: "secret";
      readonly login: string | undefined;
      readonly url: boolean;
      readonly pool: boolean;
    })
  | { readonly name: "tell"; readonly what: Told; readonly stack: string; readonly report: string }
  | { readonly name: "test"; readonly jestArguments: readonly string[] }
  | { readonly name: "scan" }
  | { readonly name: "help"; readonly about: CommandName | undefined };

export const COMMANDS = [
  "up",
  "preview",
  "destroy",
  "drift",
  "status",
  "secret",
  "tell",
  "test",
  "scan",
] as const;
export type CommandName = (typeof COMMANDS)[number];
/** The commands that are about one stack. */
type StackCommandName = Exclude<CommandName, "test" | "scan">;

export const DEFAULT_STACK = "local";

/** A command line that is not understood; the exit code is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const COMMON = {
  stack: { type: "string" },
  engine: { type: "string" },
  yes: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const satisfies ParseArgsConfig["options"];

/** The flags that take a value, each with an example. */
const VALUES: Readonly<Record<string, string>> = {
  stack: "dev",
  engine: "embedded",
  plan: "plan.json",
  "save-plan": "plan.json",
  report: "report.md",
};

/** The flags of each command, in the order in which a mistake lists them. */
const FLAGS: Readonly<Record<StackCommandName, readonly string[]>> = {
  up: [...Object.keys(COMMON), "expect-no-changes", "plan"],
  preview: [...Object.keys(COMMON), "expect-no-changes", "save-plan", "report"],
  destroy: [...Object.keys(COMMON), "expect-no-changes"],
  drift: [...Object.keys(COMMON), "report"],
  status: Object.keys(COMMON),
  secret: [...Object.keys(COMMON), "url", "pool"],
  tell: ["stack", "report", "help"],
};

/**
 * Reads a command line: what follows `node engine/bootstrap.js`.
 * @throws {UsageError} naming what was given and what is allowed
 */
export function parseCommand(argv: readonly string[]): Command {
  const [first, ...rest] = argv;
  if (first === undefined || first === "help" || first === "--help" || first === "-h") {
    return { name: "help", about: undefined };
  }
  const name = COMMANDS.find((command) => command === first);
  if (name === undefined) {
    throw new UsageError(
      `There is no command "${first}". Did you mean "${closest(first, COMMANDS)}"? ` +
        `The commands are ${COMMANDS.join(", ")}.`,
    );
  }
  // Everything belongs to jest, whose flags are not known here.
  if (name === "test") {
    if (rest.includes("--help")) return { name: "help", about: "test" };
    return { name, jestArguments: rest };
  }
  if (name === "scan") {
    const [given] = rest;
    if (given === "--help") return { name: "help", about: "scan" };
    if (given !== undefined)
      throw new UsageError(`scan takes no "${given}": it scans every stack.`);
    return { name };
  }
  const { values, positionals } = read(name, rest);
  if (values.help === true) return { name: "help", about: name };

  const common = {
    stack: checkStackName(values.stack ?? DEFAULT_STACK),
    engine: checkEngine(values.engine),
    yes: values.yes === true,
    json: values.json === true,
  };
  const [positional, ...tooMany] = positionals;
  if (name === "secret") {
    if (tooMany.length > 0) {
      throw new UsageError(`secret prints one login at a time, not ${positionals.join(", ")}.`);
    }
    return { ...common, name, ...checkSecret(positional, values) };
  }
  if (name === "tell")
    return { name, ...checkTell(positionals, values.report), stack: common.stack };
  if (positional !== undefined) {
    throw new UsageError(
      `${name} takes no "${positional}"; a stack is named by --stack ${positional}.`,
    );
  }
  if (name === "status") return { ...common, name };
  const { plan, report, "save-plan": savePlan } = values;
  const expectNoChanges = values["expect-no-changes"] === true;
  return { ...common, name, expectNoChanges, plan, savePlan, report };
}

function read(name: StackCommandName, args: readonly string[]) {
  const flags = FLAGS[name];
  // Read leniently, so that the sentence about a mistake is ours and names what is allowed.
  const options = {
    ...COMMON,
    "expect-no-changes": { type: "boolean" },
    plan: { type: "string" },
    "save-plan": { type: "string" },
    report: { type: "string" },
    url: { type: "boolean" },
    pool: { type: "boolean" },
  } as const satisfies ParseArgsConfig["options"];
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    if (!flags.includes(token.name)) throw unknownFlag(name, token.rawName, flags);
    const example = VALUES[token.name];
    if (example === undefined && token.value !== undefined) {
      throw new UsageError(`${token.rawName} takes no value, and got "${token.value}".`);
    }
    if (example !== undefined && (!token.value || token.value.startsWith("-"))) {
      throw new UsageError(`${token.rawName} needs a value, such as ${token.rawName} ${example}.`);
    }
  }
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  return {
    values: {
      ...values,
      stack: text(values.stack),
      engine: text(values.engine),
      plan: text(values.plan),
      "save-plan": text(values["save-plan"]),
      report: text(values.report),
    },
    positionals,
  };
}

function unknownFlag(name: CommandName, given: string, flags: readonly string[]): UsageError {
  const allowed = flags.map((flag) => `--${flag}`);
  const hint =
    given === "--expect-no-changes"
      ? `${name} changes nothing; --expect-no-changes belongs to up, preview and destroy.`
      : `${name} has no flag ${given}. Did you mean ${closest(given, allowed)}?`;
  return new UsageError(`${hint} Allowed: ${allowed.join(", ")}.`);
}

function checkStackName(stack: string): string {
  // The name becomes part of file names; Pulumi's own rule, and no leading dot.
  if (/^[A-Za-z0-9_-][\w.-]{0,99}$/.test(stack)) return stack;
  throw new UsageError(
    `--stack "${stack}" is not a stack's name: up to 100 letters, digits, "-", "_" and "." are allowed. ` +
      "For an organisation other than your default one, run `pulumi org set-default` first.",
  );
}

function checkEngine(engine: string | undefined): EngineName | undefined {
  if (engine === undefined || engine === "pulumi" || engine === "embedded") return engine;
  throw new UsageError(`--engine "${engine}" is not known: pulumi and embedded are.`);
}

function checkSecret(
  login: string | undefined,
  values: { readonly url?: unknown; readonly pool?: unknown },
) {
  const url = values.url === true;
  const pool = values.pool === true;
  if (pool && !url)
    throw new UsageError("--pool chooses the address in a URL: write --url --pool.");
  if (url && login === undefined) {
    throw new UsageError("--url needs a login's name: `npm run secret -- sark_app --url`.");
  }
  return { login, url, pool };
}

function checkTell([what, ...tooMany]: readonly string[], report: string | undefined) {
  if ((what !== "preview" && what !== "drift") || tooMany.length > 0) {
    throw new UsageError("tell needs one word, what to tell: preview or drift.");
  }
  if (report === undefined) {
    throw new UsageError(
      `tell needs the report: --report FILE, as \`npm run ${what} -- --report FILE\` has written it.`,
    );
  }
  return { what, report } as const;
}

/**
 * Flags that npm took for its own since they stand before `--`, so that the command never saw them. Ignoring them
 * would run the command on another stack than the one that was meant.
 * @throws {UsageError} with the right way to write it
 */
export function refuseFlagsTakenByNpm(environment: Readonly<NodeJS.ProcessEnv>): void {
  const taken = [...Object.keys(VALUES), "expect-no-changes", "pool"].filter(
    (flag) => environment[`npm_config_${flag.replaceAll("-", "_")}`] !== undefined,
  );
  if (taken.length === 0) return;
  const event = environment["npm_lifecycle_event"] ?? "up";
  throw new UsageError(
    `npm took --${taken.join(" and --")} for a flag of its own. ` +
      `Put "--" before the flags: npm run ${event} -- --${taken.join(" ... --")} ...`,
  );
}
