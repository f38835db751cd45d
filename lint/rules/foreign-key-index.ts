import type { Place } from "../parsed";
import type { ForeignKey, Index } from "../model/schema";
import { indexesByTable } from "../model/put-index";
import type { Rule } from "../rule";

/** Methods that answer which rows have these values. */
const METHODS = ["btree", "hash"];

export const foreignKeyIndex: Rule = {
  name: "foreign-key-index",
  reason:
    "When a row that is referred to is deleted or gets another key, PostgreSQL looks for the rows that refer to it: " +
    "without an index it reads their whole table, row lock in hand.",
  check: ({ schema: { foreignKeys, indexes, droppedIndexes } }) => {
    const byTable = indexesByTable(indexes);
    return foreignKeys.flatMap((key) => {
      const { table, columns, name, place } = key;
      // A partition's is looked after by that of the whole table.
      if (key.inherited || byTable.get(table)?.some((index) => serves(index, key))) return [];
      const dropped = droppedIndexes.findLast(
        (each) => serves(each.index, key) && isBefore(place, each.place),
      );
      const when = dropped === undefined ? "" : " after this";
      const text = `${name} has no index on its columns${when}: create one on ${table} (${columns.join(", ")}).`;
      return [{ ...(dropped?.place ?? place), text }];
    });
  },
};

function isBefore(a: Place, b: Place): boolean {
  return a.file === b.file ? a.line < b.line : a.file < b.file;
}

function serves(index: Index, { table, columns }: ForeignKey): boolean {
  if (index.table !== table || !METHODS.includes(index.method)) return false;
  // A look-up never asks for null, so an index without nulls serves it.
  if (index.notNull === undefined) return false;
  if (!index.notNull.every((column) => columns.includes(column))) return false;
  const keys = index.keys.map(({ value }) => value);
  const leading = keys.slice(0, columns.length);
  if (columns.every((column) => leading.includes(column))) return true;
  // A unique key among the columns leaves one row at most to look at.
  return index.unique && keys.every((key) => columns.includes(key));
}
