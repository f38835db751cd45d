/** Helpers for reading generated rows in tests. */
import { createHash } from "node:crypto";
import type { DatabaseName } from "../../components/roles/plan/role-plan";
import { copyText } from "../../data/copy-text";
import type { Value } from "../../data/table";
import { tablesOf } from "../../data/tables";
import type { DataOptions } from "../../data/world";

/** A Tuesday at noon. */
export const NOW = new Date("2026-03-10T12:00:00Z");

export const SMALL: DataOptions = { scale: "S", seed: 1, now: NOW };

/** SHA-256 of the COPY text of each table. */
export function digests(options: DataOptions): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const database of ["sark", "sark_audit"] as const) {
    for (const { table, rows } of tablesOf(database, options)) {
      const hash = createHash("sha256");
      for (const chunk of copyText(rows())) hash.update(chunk);
      found[table] = hash.digest("hex");
    }
  }
  return found;
}

/** The rows of a table as records, one at a time. */
export function* records(
  database: DatabaseName,
  table: string,
  options: DataOptions = SMALL,
): Generator<Readonly<Record<string, Value>>> {
  const data = tablesOf(database, options).find((known) => known.table === table);
  if (data === undefined) throw new Error(`${database} has no data for ${table}`);
  yield* data.rows();
}

/** The values of one column, in the rows' order. */
export function column(
  database: DatabaseName,
  table: string,
  name: string,
  options: DataOptions = SMALL,
): Value[] {
  return [...records(database, table, options)].map((record) => {
    const value = record[name];
    if (value === undefined) throw new Error(`${table} has no column ${name}`);
    return value;
  });
}

/** The number of occurrences of each value, most frequent first. */
export function frequencies(values: Iterable<Value>): readonly (readonly [Value, number])[] {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}
