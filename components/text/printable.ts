/*
 * Makes external values printable: settings, names, paths, messages of servers and APIs, cells of rows. Control
 * characters steer a terminal, bidirectional ones reorder text, and invisible ones make different values look alike.
 * Each is shown as an escape, so that the value stays recognisable.
 */

/**
 * Characters to escape: control, format (bidirectional, zero-width, byte order mark), lone surrogates, line and
 * paragraph separators, and Unicode's ignorable characters, which are invisible as well: fillers, variation selectors,
 * tags. An emoji of several parts is shown with escapes between its parts: exact, if not pretty.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Characters that a line-based file or protocol cannot contain. */
const CONTROL = /[\p{Cc}\p{Cs}]/u;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Longest value in a message, in characters. */
const MAX_LENGTH = 80;

/** One-line text: each hidden character is an escape such as `\u{202e}` or `\n`. */
export function printable(text: string): string {
  return text.replace(HIDDEN, (character) => SHORT[character] ?? escaped(character));
}

/** Multi-line text: line breaks are kept, a tab becomes four spaces. */
export function printableLines(text: string): string {
  return text
    .replace(/\r\n/g, "\n")
    .replace(HIDDEN, (character) =>
      character === "\n" ? "\n" : character === "\t" ? "    " : escaped(character),
    );
}

/** As {@link printableLines}, indented, so that no external line looks like one of a message or report. */
export function printableBlock(text: string, indent = "  "): string {
  return printableLines(text).trimEnd().replace(/^/gm, indent);
}

/** As {@link printableBlock}, after text on the same line: only the following lines are indented. */
export function printableTail(text: string, indent = "  "): string {
  return printableBlock(text, indent).trimStart();
}

/** As {@link printable}, limited in length; never cut inside an escape or a surrogate pair. */
export function shortened(text: string, most = MAX_LENGTH): string {
  return cut(printable(text), most);
}

/** A value in JSON notation, on one line; a long one is shortened, with its length. */
export function quoted(value: unknown, most = MAX_LENGTH): string {
  const text = typeof value === "string" ? value : undefined;
  const whole = printableJson(value);
  const shown = cut(whole, most + 2);
  if (shown === whole) return whole;
  return text === undefined
    ? `${shown} (${whole.length} characters)`
    : `${shown}" (${text.length} characters)`;
}

/** JSON with all hidden characters escaped; `JSON.stringify` leaves most of them unchanged. */
export function printableJson(value: unknown, indent?: number): string {
  return (jsonOf(value, indent) ?? String(value)).replace(HIDDEN, (character) =>
    character === "\n" ? character : units(character),
  );
}

/** Undefined for undefined and for functions, contrary to the type of `JSON.stringify`. */
function jsonOf(value: unknown, indent: number | undefined): string | undefined {
  try {
    return JSON.stringify(value, undefined, indent);
  } catch (error) {
    // The nesting exceeds the stack.
    if (error instanceof RangeError) return "a value that is nested too deeply";
    throw error;
  }
}

/**
 * Whether a text has control characters, which could start a line in a file, or lone surrogates, which UTF-8 cannot
 * encode.
 */
export function hasControlCharacters(text: string): boolean {
  return CONTROL.test(text);
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** JSON escapes have four digits, so a character beyond them needs two. */
function units(character: string): string {
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}

/** Shortens a text and appends an ellipsis. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  let length = 0;
  for (const [part] of text.matchAll(/\\u\{[0-9a-f]+\}|\\u[0-9a-f]{4}|\\.|[^]/gu)) {
    if (length + part.length > most - 1) break;
    length += part.length;
  }
  return `${text.slice(0, length)}…`;
}
