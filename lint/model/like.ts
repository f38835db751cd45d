import type { SourceLine } from "../parsed";
import type { NodeOf } from "../../components/sql-text/parse-tree";
import { copyColumns } from "./inheritance";
import { siblingName, relationName } from "../../components/sql-text/sql-names";
import { newName } from "./new-names";
import { copyIndex } from "./table-indexes";
import type { Name, Schema } from "./schema";

/** Bits of `options`; `including all` sets all of them. */
const CONSTRAINTS = 1 << 2;
const IDENTITY = 1 << 5;
const INDEXES = 1 << 6;

/** `like other including ...`. It never copies foreign keys. */
export function copyLike(
  schema: Schema,
  table: Name,
  { file, line }: SourceLine,
  { relation, options = 0 }: NodeOf<"TableLikeClause">,
): void {
  const source = relationName(relation);
  const copy = schema.relations.get(table);
  if (copy !== undefined) copyColumns(schema, source, copy);
  if (options & IDENTITY) copyIdentities(schema, source, table);
  if (options & CONSTRAINTS) {
    const checks = schema.checks.filter((check) => check.table === source);
    schema.checks = [...schema.checks, ...checks.map((check) => ({ ...check, table }))];
  }
  if (!(options & INDEXES)) return;
  for (const index of schema.indexes.filter((each) => each.table === source)) {
    copyIndex(schema, { ...index, inherited: false, place: { file, line } }, table);
  }
}

/** Copies identity sequences. The copy of a serial column shares the source's sequence. */
function copyIdentities(schema: Schema, source: Name, table: Name): void {
  const { columns } = schema.relations.get(source) ?? {};
  for (const owner of [...schema.sequences.values()]) {
    if (owner?.table !== source) continue;
    if (columns?.get(owner.column)?.type.includes("serial") === true) continue;
    const name = siblingName(table, newName(schema, table, [owner.column], "seq"));
    schema.sequences.set(name, { table, column: owner.column });
  }
}
