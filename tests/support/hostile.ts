/** Invisible characters and those that control a terminal, and how to find them in an output. */

/** By name; tests put each one into a value or a key. */
export const HOSTILE: Readonly<Record<string, string>> = {
  "a right-to-left override (U+202E)": "\u202e",
  "a left-to-right isolate (U+2066)": "\u2066",
  "an Arabic letter mark (U+061C)": "\u061c",
  "a control sequence introducer of one byte (U+009B)": "\u009b31m",
  "an escape sequence": "\u001b[2J",
  "a colour": "\u001b[31m",
  "a NUL": "\0",
  "a DEL": "\u007f",
  "a backspace": "\b",
  "a carriage return": "\r",
  "a tab": "\t",
  "a line separator (U+2028)": "\u2028",
  "a byte order mark (U+FEFF)": "\ufeff",
  "a zero-width space (U+200B)": "\u200b",
  "a soft hyphen (U+00AD)": "\u00ad",
  "half a surrogate pair": "\ud83d",
  "a tag character (U+E0041)": "\u{e0041}",
  "a Hangul filler (U+3164)": "\u3164",
};

/** Output of the terminal code itself: colours, and the sequence that clears a line. */
// oxlint-disable-next-line no-control-regex -- the pattern looks for control characters
const OWN = /\u001b\[(?:\d+m|2K)|\r(?=\u001b\[2K)/g;

/**
 * The hidden characters of an output, by number, except its line breaks. The pattern differs from that of the code
 * under test.
 */
export function hiddenIn(output: string, own: RegExp = /$^/g): readonly string[] {
  return Array.from(output.replace(own, ""))
    .filter((character) => character !== "\n" && isHidden(character))
    .map((character) => `U+${(character.codePointAt(0) ?? 0).toString(16)}`);
}

/** Like {@link hiddenIn}, for an output with colours. */
export function hiddenOnScreen(output: string): readonly string[] {
  return hiddenIn(output, OWN);
}

function isHidden(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return (
    code < 0x20 ||
    (code >= 0x7f && code < 0xa0) ||
    (code >= 0xd800 && code < 0xe000) ||
    [0xad, 0x61c, 0x3164, 0xfeff].includes(code) ||
    (code >= 0x200b && code < 0x2010) ||
    (code >= 0x2028 && code < 0x202f) ||
    (code >= 0x2060 && code < 0x2070) ||
    (code >= 0xe0000 && code < 0xe1000)
  );
}
