import { printable } from "./printable";

/** One-line Markdown code span that shows any text literally: inside it there is no markup, mention or link. */
export function codeSpan(text: string): string {
  const shown = printable(text);
  const fence = "`".repeat(longestRun(shown) + 1);
  return shown.includes("`") ? `${fence} ${shown} ${fence}` : `${fence}${shown}${fence}`;
}

/** Code fence longer than any run of backticks in the text. */
export function fenceFor(text: string): string {
  return "`".repeat(Math.max(2, longestRun(text)) + 1);
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
