import type { ForeignKey, Index, IndexKey } from "../model/schema";
import { indexesByTable } from "../model/table-indexes";
import type { Rule } from "../rule";
import type { SourceLine } from "../parsed";

/** Index methods that can search by any of their columns. */
const ANY_COLUMN = ["gin", "brin"];

/** Index methods that support equality lookups. */
const METHODS = ["btree", "hash"];

/** Rules on keys and indexes. */
export const keyRules: readonly Rule[] = [
  {
    name: "duplicate-index",
    reason:
      "If another index begins with the same columns, it serves the same queries. The duplicate only costs writes, cache " +
      "and vacuum time.",
    check: ({ schema: { indexes } }) =>
      [...indexesByTable(indexes).values()].flatMap((ofTable) =>
        ofTable.flatMap((index, position) => {
          // A partition's index belongs to its parent's. An exclusion constraint is more than its index.
          if (index.inherited || index.constraint === "exclusion") return [];
          const other = ofTable.find(
            (each, at) => each !== index && covers(each, index, at < position),
          );
          if (other === undefined) return [];
          const text = `${other.name} on the same table covers ${index.name}: drop ${index.name} or leave it out.`;
          return [{ ...index.place, text }];
        }),
      ),
  },
  {
    name: "foreign-key-index",
    reason:
      "When a referenced row is deleted or its key changes, PostgreSQL searches for the referencing rows. Without an index " +
      "it scans their whole table while it holds a row lock.",
    check: ({ schema: { foreignKeys, indexes, droppedIndexes } }) => {
      const byTable = indexesByTable(indexes);
      return foreignKeys.flatMap((key) => {
        const { table, columns, name, place } = key;
        // The parent's foreign key is checked instead of a partition's.
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
      "Without a primary key, rows can be duplicates, no row can be addressed, and logical replication refuses updates.",
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

/** Whether the other index makes this one redundant. @param first whether the other comes first: of two equal indexes, the later one is redundant */
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

/** Of two equal indexes, the one that ranks first here stays, because more may depend on it. */
const RANKS: readonly Index["constraint"][] = ["primary key", "unique", undefined];

/** Whether an index's keys are the leading keys of the other, in either sort direction. */
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

/** A B-tree can also be scanned backwards. */
function reverseOrder(a: IndexKey, b: IndexKey): boolean {
  return a.descending !== b.descending && a.nullsFirst !== b.nullsFirst;
}

function isBefore(a: SourceLine, b: SourceLine): boolean {
  return a.file === b.file ? a.line < b.line : a.file < b.file;
}

function serves(index: Index, { table, columns }: ForeignKey): boolean {
  if (index.table !== table || !METHODS.includes(index.method)) return false;
  // A foreign-key lookup never searches for null, so an index without nulls serves it.
  if (index.notNull === undefined) return false;
  if (!index.notNull.every((column) => columns.includes(column))) return false;
  const keys = index.keys.map(({ value }) => value);
  const leading = keys.slice(0, columns.length);
  if (columns.every((column) => leading.includes(column))) return true;
  // A unique key among the columns leaves at most one row to check.
  return index.unique && keys.every((key) => columns.includes(key));
}

function isPrimaryKey({ constraint }: Index): boolean {
  return constraint === "primary key";
}
