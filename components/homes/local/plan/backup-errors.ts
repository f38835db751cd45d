/** Explains pgBackRest's errors. Pure. */

/** Messages of a file that was decrypted with another passphrase, and then begins with anything. */
const WRONG_PASSPHRASE = /outside of section at line 1:|cipher header invalid|unable to flush/;

/** Its explanations quote what a damaged file contains; its hints are about other set-ups. */
const OMITTED = /^(?:HINT|INFO|WARN|\[|(?:\w*Error: )?(?:key\/value|invalid JSON|missing \w+ for))/;

/**
 * The errors in the output as one sentence; undefined without one.
 * @param output lines such as `ERROR: [055]: unable to open ...`, with further lines below
 */
export function explainErrors(output: string): string | undefined {
  const lines = output.split("\n").map((line) => line.trim());
  const start = lines.findIndex((line) => line.includes("ERROR: ["));
  if (start < 0) return undefined;
  const errors = lines
    .slice(start)
    .map((line) => line.replace(/^.*ERROR: \[\w+\]:? /, ""))
    .filter((line) => line !== "" && !OMITTED.test(line));
  const text = errors.join("; ").replace(/[:;, ]+$/, "");
  return WRONG_PASSPHRASE.test(output)
    ? `${text}: it is encrypted with another passphrase. It holds backups of another stack, or of this one before a destroy`
    : text;
}

/** Number of the error of a stanza that belongs to another server. */
export const OTHER_SERVER = 28;
