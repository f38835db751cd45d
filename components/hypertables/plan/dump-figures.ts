import { postgresInterval } from "./intervals";

/** Hypertable to interval, such as `audit_events: "6 hours"`. */
type Figures = Readonly<Record<string, string>>;

/** Placeholder for a figure that the stack sets. */
const PLACEHOLDERS = { interval: "(set by the stack)", age: "(set by the stack)" };

/**
 * Golden dump of `sark_audit` as expected after `database:Hypertables`: the lines `chunks by` and `job
 * policy_retention` of each hypertable have the planned figures. Continuous aggregates keep the figures of the files,
 * as do hypertables that the plan lacks: outputs of an earlier version do not have later hypertables.
 */
export function withPlannedFigures(
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
 * A dump of `components/database-layer/catalog.ts` without the stack's settings of hypertables: chunk interval and
 * retention. Continuous aggregates keep theirs, which come from the files.
 */
export function withoutStackFigures(dump: string): string {
  return replaceFigures(dump, () => PLACEHOLDERS);
}

/** @param figuresOf figures for a hypertable's qualified name; undefined keeps its lines */
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
