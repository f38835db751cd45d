import { typeText } from "../components/lib/sql/names";
import { columnOf, isSerial } from "./column-of";
import type { ParsedFile, ParsedStatement } from "./database";
import type { Schema } from "./model/schema";
import { isTemporary, onNewObjects, targetsOf } from "./targets";

/** Rules of squawk's that do not hold somewhere, for a reason that is no one file's. Single findings are in `accepted.ts`. */
export interface LeftOut {
  readonly rules: readonly string[];
  readonly reason: string;
  /**
   * Where they do not hold.
   * @param line of the finding
   * @param besides squawk's rules with a finding on a part of the same text
   * @param text that the finding is about
   */
  readonly where: (
    file: ParsedFile,
    line: number,
    schema: Schema,
    besides: readonly string[],
    text: string,
  ) => boolean;
}

/** squawk's rules on primary, unique and foreign keys. */
const KEYS = [
  "adding-serial-primary-key-field",
  "disallowed-unique-constraint",
  "adding-foreign-key-constraint",
];

export const LEFT_OUT: readonly LeftOut[] = [
  {
    rules: ["syntax-error"],
    reason:
      "PostgreSQL's own parser has taken the file. squawk gets the statements of such a file one by one, so that one that " +
      "it cannot read hides no other.",
    where: () => true,
  },
  {
    rules: [
      "require-concurrent-index-creation",
      "require-concurrent-index-deletion",
      "require-concurrent-reindex",
    ],
    reason:
      "On a hypertable, TimescaleDB refuses what they ask for; rule timescale-concurrently says what to do instead.",
    where: isOnHypertable,
  },
  {
    rules: ["ban-drop-database", "ban-truncate-cascade", "prefer-timestamp-tz"],
    reason: "Our rules only-schema, unbounded-change and column-types report the same.",
    where: () => true,
  },
  {
    rules: ["constraint-missing-not-valid"],
    reason:
      "On a key, a more exact rule of squawk's reports the same. PostgreSQL takes `not valid` for no primary or unique key.",
    where: (_file, _line, _schema, besides) => KEYS.some((rule) => besides.includes(rule)),
  },
  {
    rules: ["ban-char-field"],
    reason: "`character varying` is varchar.",
    where: (_file, _line, _schema, _besides, text) =>
      typeText(columnOf(`add c ${text}`)?.typeName).startsWith("pg_catalog.varchar"),
  },
  {
    rules: ["adding-not-nullable-field", "adding-required-field"],
    reason: "A serial column has a default. Our rule table-rewrite says that it copies the table.",
    where: (_file, _line, _schema, _besides, text) => {
      const column = columnOf(text);
      return column !== undefined && isSerial(column);
    },
  },
  {
    rules: ["prefer-text-field"],
    reason:
      "Where a column's type is changed in a table in use, changing-column-type reports the same.",
    where: (file, line, _schema, besides) =>
      besides.includes("changing-column-type") && !isOnNewObjects(file, line),
  },
  {
    rules: ["prefer-robust-stmts"],
    reason:
      "In a file without a transaction it asks for `if not exists`, which accepts a half-built index. The runner knows what " +
      "it began, and resumes it.",
    where: ({ migration }) => !migration.directives.transaction,
  },
  {
    rules: [
      "adding-field-with-default",
      "adding-foreign-key-constraint",
      "adding-not-nullable-field",
      "adding-required-field",
      "adding-serial-primary-key-field",
      "ban-drop-column",
      "ban-drop-not-null",
      "ban-drop-table",
      "changing-column-type",
      "constraint-missing-not-valid",
      "disallowed-unique-constraint",
      "renaming-column",
      "renaming-table",
      "require-concurrent-index-creation",
      "require-concurrent-index-deletion",
      "require-concurrent-reindex",
    ],
    reason:
      "Nobody uses a table, a view or an index yet that the same file made. squawk knows only what `create table` makes.",
    where: isOnNewObjects,
  },
  {
    rules: [
      "ban-char-field",
      "prefer-bigint-over-int",
      "prefer-bigint-over-smallint",
      "prefer-identity",
      "prefer-text-field",
    ],
    reason: "A temporary table ends with the session, and has no schema.",
    where: (file, line) => every(file, line, ({ node }) => isTemporary(node)),
  },
];

/** Whether all statements that stand on a line are so. */
function every(
  { statements }: ParsedFile,
  line: number,
  is: (statement: ParsedStatement) => boolean,
): boolean {
  const there = statements.filter((each) => each.line <= line && line <= each.lastLine);
  return there.length > 0 && there.every(is);
}

function isOnNewObjects(file: ParsedFile, line: number): boolean {
  const isNew = onNewObjects(file.statements);
  return every(file, line, (each) => isNew.has(each) || targetsOf(each.node).length === 0);
}

function isOnHypertable({ statements }: ParsedFile, line: number, schema: Schema): boolean {
  const statement = statements.find((each) => each.line <= line && line <= each.lastLine);
  return (statement?.relations ?? []).some((name) =>
    schema.hypertables.has(schema.indexTables.get(name) ?? name),
  );
}
