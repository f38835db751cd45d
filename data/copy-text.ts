/** Rows in the text format of COPY. Pure. */
import type { Row, Value } from "./table";

/** Characters of a chunk, at least; a network packet's worth, so that a row is not a packet of its own. */
const CHUNK = 64 * 1024;

/** The rows as chunks of whole lines: no more than one chunk is held. */
export function* copyText(rows: Iterable<Row>): Generator<string> {
  let text = "";
  for (const row of rows) {
    text += `${Object.values(row).map(field).join("\t")}\n`;
    if (text.length < CHUNK) continue;
    yield text;
    text = "";
  }
  if (text !== "") yield text;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
};

function field(value: Value): string {
  if (value === null) return "\\N";
  if (typeof value === "boolean") return value ? "t" : "f";
  if (typeof value === "number") return String(value);
  return value.replaceAll(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}
