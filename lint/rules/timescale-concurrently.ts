import type { Node } from "@pgsql/types";
import { objectName, relationName } from "../model/names";
import { timescaleOptions } from "../model/timescale";
import { type Rule, eachStatement } from "../rule";

export const timescaleConcurrently: Rule = {
  name: "timescale-concurrently",
  reason:
    "TimescaleDB makes, drops and rebuilds no index of a hypertable concurrently, and the embedded one none chunk by chunk: " +
    "the migration would fail, outside of any transaction. Writers wait for less than it seems: compressed chunks have " +
    "no rows to index.",
  check: (context) =>
    eachStatement(context, ({ node }) => {
      const { hypertables, indexTables } = context.schema;
      const work = unsupported(node);
      const found = work?.targets
        .map((name) => indexTables.get(name) ?? name)
        .find((table) => hypertables.has(table));
      return found === undefined || work === undefined
        ? undefined
        : `${found} is a hypertable: ${work.instead}.`;
    }),
};

interface Work {
  /** Tables and indexes. */
  readonly targets: readonly string[];
  readonly instead: string;
}

/** What TimescaleDB does not do to hypertables. */
function unsupported(node: Node): Work | undefined {
  if ("IndexStmt" in node) {
    const { relation, concurrent, options } = node.IndexStmt;
    const targets = [relationName(relation)];
    if (concurrent === true) {
      return { targets, instead: "leave concurrently out, and no-transaction with it" };
    }
    return timescaleOptions(options).has("transaction_per_chunk")
      ? { targets, instead: "leave transaction_per_chunk out, and no-transaction with it" }
      : undefined;
  }
  if ("DropStmt" in node) {
    const { concurrent, objects = [] } = node.DropStmt;
    return concurrent === true
      ? { targets: objects.map(objectName), instead: "leave concurrently out" }
      : undefined;
  }
  if (!("ReindexStmt" in node)) return undefined;
  const { relation, params = [], kind } = node.ReindexStmt;
  const targets = [relationName(relation)];
  // Not even with a lock.
  if (kind === "REINDEX_OBJECT_INDEX") {
    return {
      targets,
      instead: "rebuild the index of each chunk, or all of a chunk's by reindex table",
    };
  }
  const concurrently = params.some(
    (each) => "DefElem" in each && each.DefElem.defname === "concurrently",
  );
  return concurrently ? { targets, instead: "rebuild chunk by chunk" } : undefined;
}
