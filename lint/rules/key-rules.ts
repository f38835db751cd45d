import type { ForeignKey, Index, IndexKey } from "../model/schema";
import { indexesByTable } from "../model/table-indexes";
import type { Rule } from "../rule";
import type { Place } from "../parsed";

/** Methods whose searches may begin with any of the columns. */
const ANY_COLUMN = ["gin", "brin"];

/** Methods that answer which rows have these values. */
const METHODS = ["btree", "hash"];

/** Keys, and the indexes that serve them. */
export const keyRules: readonly Rule[] = [
  {
    name: "duplicate-index",
    reason:
      "An index whose columns are the first of another's answers nothing that the other does not, and costs every write, " +
      "the cache and vacuum once more.",
    check: ({ schema: { indexes } }) =>
      [...indexesByTable(indexes).values()].flatMap((ofTable) =>
        ofTable.flatMap((index, position) => {
          // A partition's goes with that of the whole table. An exclusion constraint is more than its index.
          if (index.inherited || index.constraint === "exclusion") return [];
          const other = ofTable.find(
            (each, at) => each !== index && covers(each, index, at < position),
          );
          if (other === undefined) return [];
          const text = `${index.name} is part of ${other.name} of the same table: leave it out, or drop it.`;
          return [{ ...index.place, text }];
        }),
      ),
  },
  {
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
  },
  {
    name: "primary-key",
    reason:
      "Without one, two rows can be the same, none can be named, and logical replication refuses updates.",
    check: ({ schema: { relations, indexes, droppedIndexes } }) => {
      const keyed = new Set(indexes.filter(isPrimaryKey).map(({ table }) => table));
      return [...relations.values()]
        .filter(
          ({ kind, name, isPartition }) => kind === "table" && !keyed.has(name) && !isPartition,
        )
        .map(({ name, place }) => {
          const dropped = droppedIndexes.findLast(
            ({ index }) => index.table === name && isPrimaryKey(index),
          );
          return dropped === undefined
            ? { ...place, text: `Give ${name} a primary key.` }
            : { ...dropped.place, text: `${name} has no primary key after this: give it one.` };
        });
    },
  },
];

/** @param first whether the other one stands before it: of two that are alike in all, the later one goes */
function covers(other: Index, index: Index, first: boolean): boolean {
  if (other.method !== index.method) return false;
  if (other.predicate !== index.predicate) return false;
  const carried = [...other.keys.map(({ value }) => value), ...other.including];
  if (!index.including.every((column) => carried.includes(column))) return false;
  if (!isLeading(index, other)) return false;
  const equal = index.keys.length === other.keys.length;
  if (index.unique) {
    const same =
      other.unique &&
      other.deferrable === index.deferrable &&
      other.nullsNotDistinct === index.nullsNotDistinct;
    if (!same || !equal) return false;
  }
  const alike = equal && other.unique === index.unique;
  const alikeInAll = alike && other.including.length === index.including.length;
  if (!alikeInAll) return true;
  const rank = (of: Index): number => RANKS.indexOf(of.constraint);
  return rank(other) === rank(index) ? first : rank(other) < rank(index);
}

/** Of two that are alike, the first of these stays: more may depend on it. */
const RANKS: readonly Index["constraint"][] = ["primary key", "unique", undefined];

/** Whether the keys of the one are the first of the other, in either direction. */
function isLeading({ keys, method }: Index, other: Index): boolean {
  if (ANY_COLUMN.includes(method)) {
    return keys.every((key) => other.keys.some((each) => sameKey(key, each)));
  }
  if (keys.length > other.keys.length) return false;
  const pairs = keys.map((key, at) => [key, other.keys[at]] as const);
  return (
    pairs.every(
      ([key, each]) => each !== undefined && sameKey(key, each) && sameOrder(key, each),
    ) ||
    pairs.every(
      ([key, each]) => each !== undefined && sameKey(key, each) && reverseOrder(key, each),
    )
  );
}

function sameKey(a: IndexKey, b: IndexKey): boolean {
  return a.value === b.value && a.operatorClass === b.operatorClass && a.collation === b.collation;
}

function sameOrder(a: IndexKey, b: IndexKey): boolean {
  return a.descending === b.descending && a.nullsFirst === b.nullsFirst;
}

/** A B-tree is read backwards as well. */
function reverseOrder(a: IndexKey, b: IndexKey): boolean {
  return a.descending !== b.descending && a.nullsFirst !== b.nullsFirst;
}

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

function isPrimaryKey({ constraint }: Index): boolean {
  return constraint === "primary key";
}
