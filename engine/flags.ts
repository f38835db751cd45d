import { parseArgs, type ParseArgsConfig } from "node:util";
import { closest } from "fastest-levenshtein";
import { quoted, shortened } from "../components/lib/printable";

export const COMMANDS = [
  "up",
  "preview",
  "destroy",
  "drift",
  "status",
  "secret",
  "query",
  "load",
  "baseline",
  "tell",
  "test",
  "lint:sql",
  "generate",
  "scan",
] as const;
export type CommandName = (typeof COMMANDS)[number];

/** A command line that is not understood; the exit code is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The flags of every command that is about one stack. */
const STACK = ["stack", "engine", "yes", "json", "help"];

/** The flags of each command that has any, in the order in which a mistake lists them. */
const FLAGS: Readonly<Partial<Record<CommandName, readonly string[]>>> = {
  up: [...STACK, "expect-no-changes", "plan"],
  preview: [...STACK, "expect-no-changes", "save-plan", "report"],
  destroy: [...STACK, "expect-no-changes"],
  drift: [...STACK, "report"],
  status: STACK,
  secret: [...STACK, "url", "pool"],
  query: [...STACK, "param", "database"],
  load: [...STACK, "scale", "seed", "database"],
  baseline: ["database", "yes", "json", "help"],
  "lint:sql": ["since", "all", "help"],
  tell: ["stack", "report", "help"],
};

/** The flags that take a value, each with an example. */
const VALUES: Readonly<Record<string, string>> = {
  stack: "dev",
  engine: "embedded",
  plan: "plan.json",
  "save-plan": "plan.json",
  report: "report.md",
  param: "user_id=5e0c...",
  scale: "S",
  seed: "1",
  database: "sark",
  since: "sark/000123",
};

const OPTIONS = {
  stack: { type: "string" },
  engine: { type: "string" },
  yes: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean" },
  "expect-no-changes": { type: "boolean" },
  plan: { type: "string" },
  "save-plan": { type: "string" },
  report: { type: "string" },
  url: { type: "boolean" },
  pool: { type: "boolean" },
  param: { type: "string", multiple: true },
  scale: { type: "string" },
  seed: { type: "string" },
  database: { type: "string" },
  since: { type: "string" },
  all: { type: "boolean" },
} as const satisfies ParseArgsConfig["options"];

/** What stood on a command line. */
export interface GivenFlags {
  readonly positionals: readonly string[];
  readonly has: (flag: keyof typeof OPTIONS) => boolean;
  readonly text: (flag: keyof typeof OPTIONS) => string | undefined;
  readonly texts: (flag: "param") => readonly string[];
}

/** @throws {UsageError} on a flag that the command has not, or one without its value */
export function readFlags(name: CommandName, args: readonly string[]): GivenFlags {
  const flags = FLAGS[name] ?? ["help"];
  // Read leniently, so that the sentence about a mistake is ours and names what is allowed.
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    if (!flags.includes(token.name)) throw unknownFlag(name, token.rawName, flags);
    const example = VALUES[token.name];
    if (example === undefined && token.value !== undefined) {
      throw new UsageError(`${token.rawName} takes no value, and got ${quoted(token.value)}.`);
    }
    if (example !== undefined && (!token.value || token.value.startsWith("-"))) {
      throw new UsageError(`${token.rawName} needs a value, such as ${token.rawName} ${example}.`);
    }
  }
  return {
    positionals,
    has: (flag) => values[flag] === true,
    text: (flag) => {
      const value = values[flag];
      return typeof value === "string" ? value : undefined;
    },
    texts: (flag) => {
      const value = values[flag];
      return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
    },
  };
}

function unknownFlag(name: CommandName, given: string, flags: readonly string[]): UsageError {
  const allowed = flags.map((flag) => `--${flag}`);
  const hint =
    given === "--expect-no-changes"
      ? `${name} changes nothing; --expect-no-changes belongs to up, preview and destroy.`
      : `${name} has no flag ${shortened(given)}. Did you mean ${closest(given, allowed)}?`;
  return new UsageError(`${hint} Allowed: ${allowed.join(", ")}.`);
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
  const event = shortened(environment["npm_lifecycle_event"] ?? "up");
  throw new UsageError(
    `npm took --${taken.join(" and --")} for a flag of its own. ` +
      `Put "--" before the flags: npm run ${event} -- --${taken.join(" ... --")} ...`,
  );
}
