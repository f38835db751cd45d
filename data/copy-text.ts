/** Rows in the text format of COPY. Pure. */
import type { Row, Value } from "./table";

/** Minimum characters of a chunk, so that rows are not sent in single packets. */
const CHUNK = 64 * 1024;

/** The rows as chunks of whole lines. Holds at most one chunk in memory. */
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
