import { printable } from "./printable";

/** A text on one line that is read as it is, whatever is in it: in a code span nothing is markup, a mention or a link. */
export function codeSpan(text: string): string {
  const shown = printable(text);
  const fence = "`".repeat(longestRun(shown) + 1);
  return shown.includes("`") ? `${fence} ${shown} ${fence}` : `${fence}${shown}${fence}`;
}

/** A fence that nothing in the text ends. */
export function fenceFor(text: string): string {
  return "`".repeat(Math.max(2, longestRun(text)) + 1);
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
