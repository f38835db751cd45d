/**
 * Finds `COPY ... FROM STDIN` in the text of a query. It crashes the engine, so the server in front collects the data
 * and hands it over as a file. Pure.
 */

/** The file of the engine with the data that was handed over with the query. */
export const COPY_FILE = "/dev/blob";

/** Whether the text of a query is a COPY FROM STDIN. */
export type CopyRequest =
  | { readonly kind: "none" }
  /** A COPY FROM STDIN among other statements; it must not reach the engine. */
  | { readonly kind: "mixed" }
  | {
      readonly kind: "copy";
      /** The statement, changed to read from the engine's file. */
      readonly sql: string;
      readonly binary: boolean;
    };

/** Looks for a COPY FROM STDIN outside of comments, strings and quoted names. */
export function copyRequest(sql: string, file: string): CopyRequest {
  // A cheap check first: it sorts out nearly all queries.
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

/** The text with comments, strings and quoted names replaced by blanks of the same length. */
function maskLiterals(sql: string): string {
  return sql.replaceAll(LITERALS, (literal) => " ".repeat(literal.length));
}
