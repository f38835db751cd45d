import type { Node } from "@pgsql/types";
import { objectName, relationName } from "../../components/lib/sql/names";
import { timescaleOptions } from "../model/timescale";
import { type Rule, eachStatement } from "../rule";

export const timescaleConcurrently: Rule = {
  name: "timescale-concurrently",
  reason:
    "TimescaleDB cannot create, drop or rebuild an index of a hypertable concurrently, and the embedded TimescaleDB " +
    "not chunk by chunk. The migration would fail outside a transaction.",
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
      return { targets, instead: "remove concurrently and the directive no-transaction" };
    }
    return timescaleOptions(options).has("transaction_per_chunk")
      ? { targets, instead: "remove transaction_per_chunk and the directive no-transaction" }
      : undefined;
  }
  if ("DropStmt" in node) {
    const { concurrent, objects = [] } = node.DropStmt;
    return concurrent === true
      ? { targets: objects.map(objectName), instead: "remove concurrently" }
      : undefined;
  }
  if (!("ReindexStmt" in node)) return undefined;
  const { relation, params = [], kind } = node.ReindexStmt;
  const targets = [relationName(relation)];
  // Not even with a lock.
  if (kind === "REINDEX_OBJECT_INDEX") {
    return {
      targets,
      instead: "reindex each chunk, its index or its table",
    };
  }
  const concurrently = params.some(
    (each) => "DefElem" in each && each.DefElem.defname === "concurrently",
  );
  return concurrently ? { targets, instead: "reindex chunk by chunk" } : undefined;
}
