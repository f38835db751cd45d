/**
 * `COPY ... FROM STDIN` for an engine that ends itself when it is asked for it: found in the text
 * of a query, so that the data can be collected in front and handed over as a file. Pure.
 */

/** A file that COPY can read and that is in fact what was handed over with the query. */
export const COPY_FILE = "/dev/blob";

/** What a query's text means for COPY. */
export type CopyRequest =
  | { readonly kind: "none" }
  /** A COPY FROM STDIN that is not the whole text; it must not reach the engine. */
  | { readonly kind: "mixed" }
  | {
      readonly kind: "copy";
      /** The statement, reading from the engine's file instead. */
      readonly sql: string;
      readonly binary: boolean;
    };

/** Looks for a COPY FROM STDIN outside of comments, strings and quoted names. */
export function copyRequest(sql: string, file: string): CopyRequest {
  // Cheap first: nearly no query comes further.
  if (!/stdin/i.test(sql)) return { kind: "none" };
  const code = maskLiterals(sql);
  const found = /\bcopy\b[^;]*?\bfrom\s+(stdin)\b/di.exec(code);
  const [start, end] = found?.indices?.[1] ?? [];
  if (found === null || start === undefined || end === undefined) return { kind: "none" };
  if (!/^\s*copy\b[^;]*;?\s*$/i.test(code)) return { kind: "mixed" };
  return {
    kind: "copy",
    sql: `${sql.slice(0, start)}'${file}'${sql.slice(end)}`,
    binary: /\bbinary\b/i.test(sql.slice(end)) || /^\s*copy\s+binary\b/i.test(code),
  };
}

const LITERALS = new RegExp(
  [
    /--[^\n]*/,
    /\/\*[\s\S]*?\*\//,
    /\be'(?:\\[\s\S]|''|[^'\\])*'/,
    /'(?:''|[^'])*'/,
    /"(?:""|[^"])*"/,
    /\$(\w*)\$[\s\S]*?\$\1\$/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gi",
);

/** The text with comments, strings and quoted names blanked, every other character in its place. */
function maskLiterals(sql: string): string {
  return sql.replaceAll(LITERALS, (literal) => " ".repeat(literal.length));
}
