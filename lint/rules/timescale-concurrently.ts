import type { Node } from "@pgsql/types";
import { timescaleOptions } from "../model/timescale-calls";
import { type Rule, eachStatement } from "../rule";
import { targetsOf } from "../lint-targets";

export const timescaleConcurrently: Rule = {
  name: "timescale-concurrently",
  reason:
    "TimescaleDB cannot create, drop or rebuild an index of a hypertable concurrently, and the embedded TimescaleDB " +
    "not chunk by chunk. The migration would fail outside a transaction.",
  check: (context) =>
    eachStatement(context, (statement) => {
      const instead = insteadOf(statement.node);
      const named = context.schema.named.get(statement);
      const found = targetsOf(statement.node)
        .map((name) => named?.get(name))
        .find((each) => each?.isHypertable);
      return found === undefined || instead === undefined
        ? undefined
        : `${found.table} is a hypertable: ${instead}.`;
    }),
};

/** What to do instead of what TimescaleDB does not do to hypertables. */
function insteadOf(node: Node): string | undefined {
  if ("IndexStmt" in node) {
    const { concurrent, options } = node.IndexStmt;
    if (concurrent === true) return "remove concurrently and the directive no-transaction";
    return timescaleOptions(options).has("transaction_per_chunk")
      ? "remove transaction_per_chunk and the directive no-transaction"
      : undefined;
  }
  if ("DropStmt" in node) {
    return node.DropStmt.concurrent === true ? "remove concurrently" : undefined;
  }
  if (!("ReindexStmt" in node)) return undefined;
  const { params = [], kind } = node.ReindexStmt;
  // Not even with a lock.
  if (kind === "REINDEX_OBJECT_INDEX") return "reindex each chunk, its index or its table";
  const concurrently = params.some(
    (each) => "DefElem" in each && each.DefElem.defname === "concurrently",
  );
  return concurrently ? "reindex chunk by chunk" : undefined;
}
