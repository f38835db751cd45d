import { shortened } from "../../components/text/printable";

/** The result of a query. */
export interface QueryResult {
  readonly columns: readonly Column[];
  /** Each value as the server's text; null for SQL's null. */
  readonly rows: readonly (readonly (string | null)[])[];
}

interface Column {
  readonly name: string;
  /** The type's object id in pg_type, the same on every server for built-in types. */
  readonly type: number;
}

/** smallint, integer, bigint, oid, real, double precision, numeric. */
const NUMBERS = new Set([21, 23, 20, 26, 700, 701, 1700]);
const BOOLEAN = 16;
/** json, jsonb. */
const DOCUMENTS = new Set([114, 3802]);

/** Maximum characters of a cell. A statement's text is often longer; `--json` prints all of it. */
const MAX_CELL_WIDTH = 80;

/** The lines of an aligned table: numbers to the right, nulls empty. */
export function tableLines({ columns, rows }: QueryResult): readonly string[] {
  const names = columns.map(({ name }) => cellText(name));
  const cells = rows.map((row) => row.map((value) => cellText(value)));
  const widths = names.map((name, index) =>
    Math.max(name.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const line = (texts: readonly string[], fill = " "): string =>
    texts
      .map((text, index) => {
        const width = widths[index] ?? 0;
        return NUMBERS.has(columns[index]?.type ?? 0)
          ? text.padStart(width, fill)
          : text.padEnd(width, fill);
      })
      .join("  ")
      .trimEnd();
  return [
    line(names),
    line(
      columns.map(() => ""),
      "-",
    ),
    ...cells.map((row) => line(row)),
  ];
}

/** Values are untrusted, for example a client's application_name. Line breaks and tabs become blanks. */
function cellText(value: string | null): string {
  return shortened((value ?? "").replace(/[ \t\r\n\f\v]+/g, " ").trim(), MAX_CELL_WIDTH);
}

/** Rows as objects for a program: numbers that fit are numbers, JSON is JSON, everything else is text. */
export function rowDocuments({ columns, rows }: QueryResult): readonly Record<string, unknown>[] {
  return rows.map((row) =>
    Object.fromEntries(
      columns.map(({ name, type }, index) => [name, valueOf(type, row[index] ?? null)]),
    ),
  );
}

function valueOf(type: number, value: string | null): unknown {
  if (value === null) return null;
  if (type === BOOLEAN) return value === "t";
  if (DOCUMENTS.has(type)) return JSON.parse(value);
  if (!NUMBERS.has(type)) return value;
  const number = Number(value);
  // JSON has no NaN or infinity; a bigint or a numeric may have more digits than a number can hold.
  const exact = Number.isInteger(number) ? Number.isSafeInteger(number) : Number.isFinite(number);
  return exact ? number : value;
}
