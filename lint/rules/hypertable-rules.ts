import { type Objection, type Rule, eachStatement } from "../rule";
import type { Node } from "@pgsql/types";
import { hasOption } from "../../components/sql-text/sql-options";
import { timescaleOptions } from "../model/timescale-calls";
import { changedObjects } from "../statement-objects";
import type { SourceLine } from "../parsed";
import type { Name, PolicyKind, Schema } from "../model/schema";

const CALLS: Readonly<Record<PolicyKind, string>> = {
  columnstore: "call public.add_columnstore_policy()",
  retention: "call public.add_retention_policy()",
  refresh: "call public.add_continuous_aggregate_policy()",
};

/** Rules on hypertables and continuous aggregates. */
export const hypertableRules: readonly Rule[] = [
  {
    name: "timescale-aggregate-no-data",
    reason:
      "TimescaleDB cannot fill a continuous aggregate inside a transaction, and the migration would wait until all rows " +
      "are read. The first run of the refresh policy fills it.",
    check: ({ schema }) =>
      [...schema.relations.values()]
        .filter(({ kind, withData }) => kind === "continuous aggregate" && withData)
        .map(({ name, place }) => ({
          ...place,
          text: `Create ${name} "with no data": its refresh policy fills it.`,
        })),
  },
  {
    name: "timescale-concurrently",
    reason:
      "TimescaleDB cannot create, drop or rebuild a hypertable's index concurrently. The embedded TimescaleDB cannot build " +
      "it chunk by chunk either. The migration would fail outside a transaction.",
    check: (context) =>
      eachStatement(context, (statement) => {
        const instead = insteadOf(statement.node);
        const named = context.schema.named.get(statement);
        const found = changedObjects(statement.node)
          .map((name) => named?.get(name))
          .find((each) => each?.isHypertable);
        return found === undefined || instead === undefined
          ? undefined
          : `${found.table} is a hypertable: ${instead}.`;
      }),
  },
  {
    name: "timescale-policies",
    reason:
      "Without policies a hypertable grows uncompressed until the disk is full, and a continuous aggregate is never " +
      "refreshed.",
    check: ({ schema }) => [
      ...[...schema.hypertables.values()].flatMap(({ table, place }) => [
        ...lacking(schema, table, place, ["columnstore", "retention"]),
        ...(schema.columnstores.has(table) ? [] : [withoutColumnstore(table, place)]),
      ]),
      ...[...schema.relations.values()]
        .filter(({ kind }) => kind === "continuous aggregate")
        .flatMap(({ name, place }) => lacking(schema, name, place, ["refresh", "retention"])),
    ],
  },
  {
    name: "timescale-unique-time",
    reason:
      "Each chunk of a hypertable has its own index. TimescaleDB refuses a unique key that lacks a partitioning column.",
    check: ({ schema }) =>
      schema.indexes.flatMap(({ unique, table, keys, place, name }) => {
        if (!unique) return [];
        const missing = (schema.hypertables.get(table)?.columns ?? []).filter(
          (column) => !keys.some(({ value }) => value === column),
        );
        if (missing.length === 0) return [];
        const columns = missing.join(" and ");
        const text = `Add ${columns} to ${name}: ${table} is a hypertable partitioned by ${columns}.`;
        return [{ ...place, text }];
      }),
  },
];

/** The alternative to an index statement that TimescaleDB refuses on hypertables. */
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
  const { params, kind } = node.ReindexStmt;
  // TimescaleDB refuses this with and without concurrently.
  if (kind === "REINDEX_OBJECT_INDEX") return "reindex each chunk, its index or its table";
  return hasOption(params, "concurrently") ? "reindex chunk by chunk" : undefined;
}

function lacking(
  { policies }: Schema,
  relation: Name,
  place: SourceLine,
  kinds: readonly PolicyKind[],
): readonly Objection[] {
  return kinds
    .filter((kind) => policies.get(relation)?.has(kind) !== true)
    .map((kind) => ({
      ...place,
      text: `${relation} has no ${kind} policy: ${CALLS[kind]} for it.`,
    }));
}

function withoutColumnstore(table: Name, place: SourceLine): Objection {
  return {
    ...place,
    text:
      `${table} has no column store: set timescaledb.enable_columnstore, segmentby and orderby. ` +
      `TimescaleDB guesses missing ones.`,
  };
}
