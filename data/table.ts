/** A table's rows, as COPY takes them. */

/** A value of a column, already in PostgreSQL's words where it is neither a text, a number, a flag nor null. */
export type Value = string | number | boolean | null;
/** Values by column, in the same order in each row of a table. */
export type Row = Readonly<Record<string, Value>>;

/** Rows to be made: nothing is made before somebody iterates, and never more than a row at a time. */
export interface DataTable {
  /** In schema `public`. */
  readonly table: string;
  /** The same rows at each call. */
  readonly rows: () => Iterable<Row>;
}

/** An array of texts. */
export function textArray(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replaceAll(/["\\]/g, "\\$&")}"`).join(",")}}`;
}
