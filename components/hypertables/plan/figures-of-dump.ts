import { postgresInterval } from "./intervals";

/** Hypertable to an interval, such as `audit_events: "6 hours"`. */
type Figures = Readonly<Record<string, string>>;

/** In place of a figure that a stack sets. */
const SET = { interval: "(set by the stack)", age: "(set by the stack)" };

/**
 * The golden dump of `sark_audit` as a database has it once `database:Hypertables` was applied: the lines `chunks by` and
 * `job policy_retention` of each hypertable say what the plan says. Continuous aggregates keep what the files say, and so do
 * hypertables that the plan does not name: outputs of an earlier version lack those that came later.
 */
export function withHypertables(
  golden: string,
  { chunkInterval, dropAfter }: Readonly<Record<"chunkInterval" | "dropAfter", Figures>>,
): string {
  return replaceFigures(golden, (name) => {
    const [, table = ""] = /^public\.(.*)$/.exec(name) ?? [];
    const [interval, age] = [chunkInterval[table], dropAfter[table]];
    if (interval === undefined || age === undefined) return undefined;
    return { interval: postgresInterval(interval), age };
  });
}

/**
 * A dump of `components/database-layer/catalog.ts` without what a stack's settings say of its hypertables: the length of their
 * chunks and the age at which these are dropped. Continuous aggregates have theirs from the files.
 */
export function withoutFigures(dump: string): string {
  return replaceFigures(dump, () => SET);
}

/** @param figuresOf says for a hypertable's qualified name what to put in; undefined leaves its lines as they are */
function replaceFigures(
  dump: string,
  figuresOf: (name: string) => { readonly interval: string; readonly age: string } | undefined,
): string {
  let figures: ReturnType<typeof figuresOf>;
  return dump
    .split("\n")
    .map((line) => {
      if (line !== "" && !line.startsWith(" ")) {
        const [, name] = /^hypertable (.*)$/.exec(line) ?? [];
        figures = name === undefined ? undefined : figuresOf(name);
      }
      if (figures === undefined) return line;
      return line
        .replace(/^( {2}chunks by .* every ).*$/, `$1${figures.interval}`)
        .replace(/^( {2}job policy_retention .*"drop_after": )"[^"]*"/, `$1"${figures.age}"`);
    })
    .join("\n");
}
