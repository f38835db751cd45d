/** In place of a figure that a stack sets. */
const SET = "(set by the stack)";

/**
 * A dump of `components/database/catalog.ts` without what a stack's settings say of its hypertables: the length of their
 * chunks and the age at which these are dropped. Continuous aggregates have theirs from the files.
 */
export function withoutFigures(dump: string): string {
  let hypertable = false;
  return dump
    .split("\n")
    .map((line) => {
      if (line !== "" && !line.startsWith(" ")) hypertable = line.startsWith("hypertable ");
      if (!hypertable) return line;
      return line
        .replace(/^( {2}chunks by .* every ).*$/, `$1${SET}`)
        .replace(/^( {2}job policy_retention .*"drop_after": )"[^"]*"/, `$1"${SET}"`);
    })
    .join("\n");
}
