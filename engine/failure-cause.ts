/** What surrounds the cause in texts of Pulumi, its SDK, the Terraform bridge and Go: nothing that helps the reader. */
const NOISE: readonly RegExp[] = [
  // A Go source file and its line, and the logger that the bridge names after it.
  /(?:[\w.@-]+\/)*[\w.-]+\.go:\d+:\s*/g,
  /\bsdk\.(?:helper_schema|proto)\b:\s*/g,
  /:\s*provider=[\w./-]+@v?[\w.+-]+\s*$/gm,
  /\brpc error: code = \w+ desc = /g,
  // The SDK's, once for each property on the way to the failed value.
  /\berror serializing property "[^"\n]*":\s*/gi,
  /\b(?:creating|updating|deleting|refreshing|reading|diffing) urn:pulumi:\S+:\s*/g,
  // What the SDK and Node put around an error that nobody caught.
  /^Running program '.*' failed with an unhandled exception:\s*$/gm,
  /^\s*<ref \*\d+>\s*/gm,
  /^\s+at (?:async )?\S.*:\d+:\d+\)?.*$/gm,
  /^\s*at (?:async )?(?:process|node:)\S*.*$/gm,
  // Around the reason of a failed check, and of a preview.
  /^\S+ resource '[^']*': property \S+ value \{.*\} has a problem:\s*/gm,
  /^Preview failed: (?=\S)/gm,
  // The head and the bullets of Go's list of errors.
  /^\s*\d+ errors? occurred:\s*$/gm,
  /\b\d+ errors? occurred:\s*\*?\s*/g,
  /^[ \t]*\* (?=\S)/gm,
  /^(?:error|Error): (?=\S)/gm,
  /^(?:update|preview|destroy|refresh|resource) failed\.?$/gim,
];

/** Lines of one cause on the screen: as many as the end of a server's log takes. */
const MOST_LINES = 15;

/** A failure's text without what its providers put around it, each line once; all of it, where nothing else remains. */
export function causeOf(text: string): string {
  const plain = NOISE.reduce((rest, noise) => rest.replace(noise, ""), text);
  const lines = plain.split("\n").map((line) => line.trimEnd());
  const once = lines.filter((line, index) => line.trim() !== "" && lines.indexOf(line) === index);
  return once.length === 0 ? text.trim() : once.join("\n").trim();
}

/** As many lines as fit on a screen. */
export function shortCause(text: string): string {
  const lines = causeOf(text).split("\n");
  if (lines.length <= MOST_LINES) return lines.join("\n");
  return [...lines.slice(0, MOST_LINES - 1), `(${lines.length - MOST_LINES + 1} more lines)`].join(
    "\n",
  );
}
