/** A table's rows, as COPY takes them. */

/** A value of a column. Other types than text, number, boolean and null are already PostgreSQL text. */
export type Value = string | number | boolean | null;
/** Values by column, in the same order in each row of a table. */
export type Row = Readonly<Record<string, Value>>;

/** A table whose rows are generated lazily, one at a time. */
export interface DataTable {
  /** The table's name in schema `public`. */
  readonly table: string;
  /** Returns the same rows at each call. */
  readonly rows: () => Iterable<Row>;
}

/** A text array as a PostgreSQL literal. */
export function textArray(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replaceAll(/["\\]/g, "\\$&")}"`).join(",")}}`;
}
