/** A generated row of a hypertable as an application inserts it: the columns of the key get their defaults. */
import { escapeLiteral } from "pg";
import type { Hypertable } from "../../components/hypertables/plan/hypertable-facts";
import { records } from "../data/read";
import { goldenSchema } from "../../scratch/migration-target";

/** `(column, ...) values (value, ...)` */
export function rowOf(table: Hypertable): string {
  const key = new RegExp(` ${table}_pkey PRIMARY KEY \\((.+)\\)`).exec(goldenSchema("sark_audit"));
  const defaults = key?.[1]?.replaceAll('"', "").split(", ") ?? [];
  const [row = {}] = records("sark_audit", table);
  const given = Object.entries(row).filter(([column]) => !defaults.includes(column));
  const values = given.map(([, value]) => (value === null ? "null" : escapeLiteral(String(value))));
  return `(${given.map(([column]) => column).join(", ")}) values (${values.join(", ")})`;
}

/** @param time an SQL expression. @default the server's */
export function insertInto(table: Hypertable, time?: string): string {
  const row = rowOf(table);
  const dated = row.replace("(", "(time, ").replace("values (", `values (${time ?? ""}, `);
  return `insert into public.${table} ${time === undefined ? row : dated}`;
}
