import type { Place } from "../parsed";
import type { Name, PolicyKind, Schema } from "../model/schema";
import type { Objection, Rule } from "../rule";

const CALLS: Readonly<Record<PolicyKind, string>> = {
  columnstore: "call public.add_columnstore_policy()",
  retention: "call public.add_retention_policy()",
  refresh: "call public.add_continuous_aggregate_policy()",
};

export const timescalePolicies: Rule = {
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
};

function lacking(
  { policies }: Schema,
  relation: Name,
  place: Place,
  kinds: readonly PolicyKind[],
): readonly Objection[] {
  return kinds
    .filter((kind) => policies.get(relation)?.has(kind) !== true)
    .map((kind) => ({
      ...place,
      text: `${relation} has no ${kind} policy: ${CALLS[kind]} for it.`,
    }));
}

function withoutColumnstore(table: Name, place: Place): Objection {
  return {
    ...place,
    text:
      `${table} has no column store: set timescaledb.enable_columnstore, segmentby and orderby. ` +
      `TimescaleDB guesses those that are missing.`,
  };
}
