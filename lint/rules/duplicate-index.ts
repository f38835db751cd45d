import type { Index, IndexKey } from "../model/schema";
import { indexesByTable } from "../model/put-index";
import type { Rule } from "../rule";

/** Methods whose searches may begin with any of the columns. */
const ANY_COLUMN = ["gin", "brin"];

export const duplicateIndex: Rule = {
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
};

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
