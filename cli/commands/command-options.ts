/** Options that several commands share, or whose values are checked. */
import { DEFAULT_STACK } from "../../engine/names";
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { DATABASES } from "../../components/roles/plan/role-plan";

/** An option whose value must not be empty or look like the next option. */
export function valued<Flags extends string>(flags: Flags, description: string) {
  return new Option(flags, description).argParser((value) => {
    if (value !== "" && !value.startsWith("-")) return value;
    throw new InvalidArgumentError('A value must not be empty or start with "-".');
  });
}

export const stack = new Option("--stack <name>", "the stack, as in Pulumi.<name>.yaml")
  .argParser((value) => {
    // The name becomes part of file names; Pulumi's own rule, and no leading dot.
    if (/^[A-Za-z0-9_][\w.-]{0,99}$/.test(value)) return value;
    throw new InvalidArgumentError(
      'A stack name is up to 100 letters, digits, "-", "_" and ".", and starts with a letter, digit or "_". ' +
        "For an organisation other than your default one, run `pulumi org set-default` first.",
    );
  })
  .default(DEFAULT_STACK);

export const yes = new Option("--yes", "answers yes to every question");
export const json = new Option(
  "--json",
  "one JSON document on standard output, the rest on stderr",
);
export const expectNoChanges = new Option(
  "--expect-no-changes",
  "changes nothing; exits 3 if there are changes",
);
export const report = valued(
  "--report <file>",
  "also writes a Markdown report, for `npm run tell`",
);
export const database = (description: string) =>
  new Option("--database <name>", description).choices(DATABASES);

/** Can be repeated: each use sets one parameter. */
export const param = new Option("--param <name=value>", "sets a parameter of the query; repeatable")
  .argParser((given, earlier: Readonly<Record<string, string>>) => {
    const [, name, value] = /^([a-z_]+)=(.*)$/s.exec(given) ?? [];
    if (name !== undefined && value !== undefined) return { ...earlier, [name]: value };
    throw new InvalidArgumentError("Write --param name=value.");
  })
  .default({}, "none");

export const pointInTime = (more = "") =>
  valued("--to <time>", `the point in time, with a zone, such as 2026-03-01T10:00:00Z${more}`);

export const watch = new Option(
  "--watch [seconds]",
  "repeats until interrupted, every 5 seconds or as given",
)
  .preset("5")
  .argParser((value) => {
    if (/^[1-9]\d{0,4}$/.test(value)) return Number(value);
    throw new InvalidArgumentError("The seconds are a whole number from 1 to 99999.");
  });

export const seed = new Option("--seed <number>", "random seed; another number gives other data")
  .argParser((value) => {
    if (/^\d{1,9}$/.test(value)) return Number(value);
    throw new InvalidArgumentError("A seed is a number from 0 to 999999999.");
  })
  .default(1);
