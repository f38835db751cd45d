import { closest } from "fastest-levenshtein";
import { DATABASES, type DatabaseName } from "../components/lib/role-plan";
import { type Scale, SCALES } from "../data/scale";
import type { EngineName } from "./engine";
import { type CommandName, COMMANDS, type GivenFlags, readFlags, UsageError } from "./flags";
import { quoted, shortened } from "../components/lib/printable";

/** What every command about one stack understands. */
interface CommonOptions {
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

interface SecretArguments {
  readonly login: string | undefined;
  readonly url: boolean;
  readonly pool: boolean;
}

interface QueryArguments {
  /** Undefined: all of them are listed. */
  readonly query: string | undefined;
  readonly params: Readonly<Record<string, string>>;
  /** Undefined: each that the query is for. */
  readonly database: DatabaseName | undefined;
}

interface LoadArguments {
  readonly scale: Scale;
  readonly seed: number;
  /** Undefined: both. */
  readonly database: DatabaseName | undefined;
}

interface LintArguments {
  /** The last old file of a database; undefined: what the project says. */
  readonly since: string | undefined;
  readonly all: boolean;
}

/** A command about one stack. */
export type StackCommand = CommonOptions &
  (
    | (PlanFiles & { readonly name: PlanCommandName; readonly expectNoChanges: boolean })
    | { readonly name: "status" }
    | (SecretArguments & { readonly name: "secret" })
    | (QueryArguments & { readonly name: "query" })
    | (LoadArguments & { readonly name: "load" })
  );

export type Command =
  | StackCommand
  | {
      readonly name: "baseline";
      readonly database: DatabaseName;
      readonly yes: boolean;
      readonly json: boolean;
    }
  | { readonly name: "tell"; readonly what: Told; readonly stack: string; readonly report: string }
  | { readonly name: "test"; readonly jestArguments: readonly string[] }
  | (LintArguments & { readonly name: "lint:sql" })
  | { readonly name: "generate"; readonly names: readonly string[] }
  | { readonly name: "scan" }
  | { readonly name: "help"; readonly about: CommandName | undefined };

const DEFAULT_STACK = "local";

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
      `There is no command ${quoted(first)}. Did you mean "${closest(first, COMMANDS)}"? ` +
        `The commands are ${COMMANDS.join(", ")}.`,
    );
  }
  // Everything belongs to jest, whose flags are not known here.
  if (name === "test") {
    if (rest.includes("--help")) return { name: "help", about: "test" };
    return { name, jestArguments: rest };
  }
  const given = readFlags(name, rest);
  if (given.has("help")) return { name: "help", about: name };
  switch (name) {
    case "scan":
      refusePositionals(name, given);
      return { name };
    case "generate":
      return { name, names: given.positionals };
    case "lint:sql":
      refusePositionals(name, given);
      return { name, since: given.text("since"), all: given.has("all") };
    case "baseline":
      return { name, ...baselineOf(given), yes: given.has("yes"), json: given.has("json") };
    case "tell":
      return { name, ...tellOf(given), stack: stackOf(given) };
    default:
      return stackCommand(name, given);
  }
}

function stackCommand(name: StackCommand["name"], given: GivenFlags): StackCommand {
  const common = {
    stack: stackOf(given),
    engine: checkEngine(given.text("engine")),
    yes: given.has("yes"),
    json: given.has("json"),
  };
  switch (name) {
    case "secret":
      return { ...common, name, ...secretOf(given) };
    case "query":
      return { ...common, name, ...queryOf(given) };
    case "load":
      refusePositionals(name, given);
      return { ...common, name, ...loadOf(given) };
    case "status":
      refusePositionals(name, given);
      return { ...common, name };
    default:
      refusePositionals(name, given);
      return {
        ...common,
        name,
        expectNoChanges: given.has("expect-no-changes"),
        plan: given.text("plan"),
        savePlan: given.text("save-plan"),
        report: given.text("report"),
      };
  }
}

function refusePositionals(name: CommandName, { positionals: [given] }: GivenFlags): void {
  if (given === undefined) return;
  const instead: Partial<Record<CommandName, string>> = {
    scan: "it scans every stack",
    "lint:sql": "it reads every file",
  };
  throw new UsageError(
    `${name} takes no ${quoted(given)}${name in instead ? `: ${instead[name] ?? ""}` : `; a stack is named by --stack ${shortened(given)}`}.`,
  );
}

function stackOf(given: GivenFlags): string {
  const stack = given.text("stack") ?? DEFAULT_STACK;
  // The name becomes part of file names; Pulumi's own rule, and no leading dot.
  if (/^[A-Za-z0-9_-][\w.-]{0,99}$/.test(stack)) return stack;
  throw new UsageError(
    `--stack ${quoted(stack)} is not a stack's name: up to 100 letters, digits, "-", "_" and "." are allowed. ` +
      "For an organisation other than your default one, run `pulumi org set-default` first.",
  );
}

function checkEngine(engine: string | undefined): EngineName | undefined {
  if (engine === undefined || engine === "pulumi" || engine === "embedded") return engine;
  throw new UsageError(`--engine ${quoted(engine)} is not known: pulumi and embedded are.`);
}

function secretOf({ positionals, has }: GivenFlags): SecretArguments {
  const [login, ...tooMany] = positionals;
  if (tooMany.length > 0) {
    throw new UsageError(
      `secret prints one login at a time, not ${shortened(positionals.join(", "))}.`,
    );
  }
  const url = has("url");
  const pool = has("pool");
  if (pool && !url)
    throw new UsageError("--pool chooses the address in a URL: write --url --pool.");
  if (url && login === undefined) {
    throw new UsageError("--url needs a login's name: `npm run secret -- sark_app --url`.");
  }
  return { login, url, pool };
}

function queryOf({ positionals, text, texts }: GivenFlags): QueryArguments {
  const [query, ...tooMany] = positionals;
  if (tooMany.length > 0) {
    throw new UsageError(
      `query runs one query at a time, not ${shortened(positionals.join(", "))}; values go into --param name=value.`,
    );
  }
  const params = texts("param").map((given): [string, string] => {
    const [, name, value] = /^([a-z_]+)=(.*)$/s.exec(given) ?? [];
    if (name !== undefined && value !== undefined) return [name, value];
    throw new UsageError(`--param ${quoted(given)} is not understood: write --param name=value.`);
  });
  return { query, params: Object.fromEntries(params), database: databaseOf(text("database")) };
}

function loadOf({ text }: GivenFlags): LoadArguments {
  const given = text("scale") ?? "S";
  const scale = SCALES.find((known) => known === given);
  if (scale === undefined) {
    throw new UsageError(`--scale ${quoted(given)} is not known: ${SCALES.join(", ")} are.`);
  }
  const seed = text("seed") ?? "1";
  if (!/^\d{1,9}$/.test(seed)) {
    throw new UsageError(`--seed ${quoted(seed)} is not a number from 0 to 999999999.`);
  }
  return { scale, seed: Number(seed), database: databaseOf(text("database")) };
}

function baselineOf(given: GivenFlags): { readonly database: DatabaseName } {
  refusePositionals("baseline", given);
  const database = databaseOf(given.text("database"));
  if (database !== undefined) return { database };
  throw new UsageError(`baseline needs --database: ${DATABASES.join(" or ")}.`);
}

function databaseOf(given: string | undefined): DatabaseName | undefined {
  if (given === undefined) return undefined;
  const database = DATABASES.find((known) => known === given);
  if (database !== undefined) return database;
  throw new UsageError(`--database ${quoted(given)} is not known: ${DATABASES.join(" and ")} are.`);
}

function tellOf({ positionals, text }: GivenFlags) {
  const [what, ...tooMany] = positionals;
  if ((what !== "preview" && what !== "drift") || tooMany.length > 0) {
    throw new UsageError("tell needs one word, what to tell: preview or drift.");
  }
  const report = text("report");
  if (report === undefined) {
    throw new UsageError(
      `tell needs the report: --report FILE, as \`npm run ${what} -- --report FILE\` has written it.`,
    );
  }
  return { what, report } as const;
}
