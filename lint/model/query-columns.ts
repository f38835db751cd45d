import type { Node } from "@pgsql/types";
import type { SourceLine } from "../parsed";
import { type NodeOf, names, nodesOf } from "../../components/sql-text/parse-tree";
import { expressionName } from "./generated-names";
import { relationName, typeText } from "../../components/sql-text/sql-names";
import type { Column, Relation, Schema } from "./schema";

/** Adds the columns of a query's result to a table. The type of an expression is unknown. */
export function addQueryColumns(
  schema: Schema,
  relation: Relation,
  query: Node | undefined,
  into: NodeOf<"IntoClause"> | undefined,
): void {
  if (query === undefined || !("SelectStmt" in query)) return;
  const { targetList, fromClause } = query.SelectStmt;
  const sources = nodesOf("RangeVar", fromClause).map(relationName);
  const available = new Map(
    sources.flatMap((name) => [...(schema.relations.get(name)?.columns ?? [])]),
  );
  const columns = nodesOf("ResTarget", targetList).flatMap((target) =>
    columnsOf(target, available, relation.place),
  );
  const named = names(into?.colNames);
  columns.forEach((column, at) => {
    const name = named[at] ?? column.name;
    relation.columns.set(name, { ...column, name });
  });
}

function columnsOf(
  { name: alias, val }: NodeOf<"ResTarget">,
  available: ReadonlyMap<string, Column>,
  place: SourceLine,
): readonly Column[] {
  const name = alias ?? expressionName(val)?.name ?? "?column?";
  if (val !== undefined && "ColumnRef" in val) {
    if ((val.ColumnRef.fields ?? []).some((field) => "A_Star" in field)) {
      return [...available.values()];
    }
    const source = available.get(names(val.ColumnRef.fields).at(-1) ?? "");
    if (source !== undefined) return [{ ...source, name }];
  }
  const type = val !== undefined && "TypeCast" in val ? typeText(val.TypeCast.typeName) : "";
  return [{ name, type, place }];
}
