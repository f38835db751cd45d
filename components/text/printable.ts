/*
 * Values from outside as text that is fit to print: settings, names, paths, what a server or an API said, cells of rows.
 * A control character steers a terminal, a bidirectional one reorders what is read, and one that nobody sees makes two
 * different values look alike. Each is shown as an escape, so that the value stays recognisable.
 */

/**
 * Control, format (bidirectional ones, zero-width ones, the byte order mark), half a surrogate pair, and the separators
 * of lines and paragraphs; and what Unicode calls ignorable, since nothing of it is seen either: fillers, variation
 * selectors, tags. An emoji of several parts is shown with the escapes that join its parts: exact, if not pretty.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** What a file or a protocol of one line an entry cannot hold. */
const CONTROL = /[\p{Cc}\p{Cs}]/u;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Longest value in a message, in characters. */
const MOST = 80;

/** A text on one line: each hidden character is an escape such as `\u{202e}` or `\n`. */
export function printable(text: string): string {
  return text.replace(HIDDEN, (character) => SHORT[character] ?? escaped(character));
}

/** A text of several lines. Its line breaks stay, and a tab is four spaces. */
export function printableLines(text: string): string {
  return text
    .replace(/\r\n/g, "\n")
    .replace(HIDDEN, (character) =>
      character === "\n" ? "\n" : character === "\t" ? "    " : escaped(character),
    );
}

/** As {@link printableLines}, indented, so that no line of somebody else's passes for one of a message or a report. */
export function printableBlock(text: string, indent = "  "): string {
  return printableLines(text).trimEnd().replace(/^/gm, indent);
}

/** As {@link printableBlock}, behind words of the same line: what follows the first line is indented. */
export function printableTail(text: string, indent = "  "): string {
  return printableBlock(text, indent).trimStart();
}

/** As {@link printable}, cut to that many characters; never inside of an escape or a surrogate pair. */
export function shortened(text: string, most = MOST): string {
  return cut(printable(text), most);
}

/** A value as it is written in JSON and YAML, on one line; of a long one the beginning, and its length. */
export function quoted(value: unknown, most = MOST): string {
  const text = typeof value === "string" ? value : undefined;
  const whole = printableJson(value);
  const shown = cut(whole, most + 2);
  if (shown === whole) return whole;
  return text === undefined
    ? `${shown} (${whole.length} characters)`
    : `${shown}" (${text.length} characters)`;
}

/** JSON of the same value without a hidden character, which `JSON.stringify` leaves for the most part as it is. */
export function printableJson(value: unknown, indent?: number): string {
  return (jsonOf(value, indent) ?? String(value)).replace(HIDDEN, (character) =>
    character === "\n" ? character : units(character),
  );
}

/** Undefined for undefined and for functions, which the type of `JSON.stringify` does not say. */
function jsonOf(value: unknown, indent: number | undefined): string | undefined {
  try {
    return JSON.stringify(value, undefined, indent);
  } catch (error) {
    // The stack has an end, and so has whoever reads the message.
    if (error instanceof RangeError) return "a value that is nested too deeply";
    throw error;
  }
}

/** Whether a text holds what starts a line of its own in a file, or cannot be written as UTF-8. */
export function holdsControls(text: string): boolean {
  return CONTROL.test(text);
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** JSON's escapes have four digits, so a character beyond them takes two. */
function units(character: string): string {
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}

/** The first characters and an ellipsis, where there are more. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  let length = 0;
  for (const [part] of text.matchAll(/\\u\{[0-9a-f]+\}|\\u[0-9a-f]{4}|\\.|[^]/gu)) {
    if (length + part.length > most - 1) break;
    length += part.length;
  }
  return `${text.slice(0, length)}…`;
}
