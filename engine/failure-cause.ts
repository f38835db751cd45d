/** Text that Pulumi, its SDK, the Terraform bridge and Go put around the cause of an error. It does not help the reader. */
const NOISE: readonly RegExp[] = [
  // A Go source file with its line, and the bridge's logger name after it.
  /(?:[\w.@-]+\/)*[\w.-]+\.go:\d+:\s*/g,
  /\bsdk\.(?:helper_schema|proto)\b:\s*/g,
  /:\s*provider=[\w./-]+@v?[\w.+-]+\s*$/gm,
  /\brpc error: code = \w+ desc = /g,
  // From the SDK, once for each property on the path to the failed value.
  /\berror serializing property "[^"\n]*":\s*/gi,
  /\b(?:creating|updating|deleting|refreshing|reading|diffing) urn:pulumi:\S+:\s*/g,
  // From the SDK and Node, around an uncaught error.
  /^Running program '.*' failed with an unhandled exception:\s*$/gm,
  /^\s*<ref \*\d+>\s*/gm,
  /^\s+at (?:async )?\S.*:\d+:\d+\)?.*$/gm,
  /^\s*at (?:async )?(?:process|node:)\S*.*$/gm,
  // Around the reason of a failed check, and of a preview.
  /^\S+ resource '[^']*': property \S+ value \{.*\} has a problem:\s*/gm,
  /^Preview failed: (?=\S)/gm,
  // The heading and the bullets of Go's error lists.
  /^\s*\d+ errors? occurred:\s*$/gm,
  /\b\d+ errors? occurred:\s*\*?\s*/g,
  /^[ \t]*\* (?=\S)/gm,
  /^(?:error|Error): (?=\S)/gm,
  /^(?:update|preview|destroy|refresh|resource) failed\.?$/gim,
];

/** Maximum lines of one cause on the screen: enough for the end of a server's log. */
const MOST_LINES = 15;

/** The cause in an error text: without the noise around it, each line once. The whole text if nothing else remains. */
export function causeOf(text: string): string {
  const plain = NOISE.reduce((rest, noise) => rest.replace(noise, ""), text);
  const lines = plain.split("\n").map((line) => line.trimEnd());
  const once = lines.filter((line, index) => line.trim() !== "" && lines.indexOf(line) === index);
  return once.length === 0 ? text.trim() : once.join("\n").trim();
}

/** The cause, cut to the lines that fit on a screen. */
export function shortCause(text: string): string {
  const lines = causeOf(text).split("\n");
  if (lines.length <= MOST_LINES) return lines.join("\n");
  return [...lines.slice(0, MOST_LINES - 1), `(${lines.length - MOST_LINES + 1} more lines)`].join(
    "\n",
  );
}
