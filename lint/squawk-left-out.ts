import { typeText } from "../components/sql-text/sql-names";
import { words } from "../components/text/words";
import { columnOf, isSerial } from "./column-of";
import type { ParsedStatement } from "./parsed";
import type { NamedObject } from "./model/schema";
import { isTemporary } from "./lint-targets";

/** Rules of squawk's that do not hold somewhere, for a reason that is no one file's. Single findings are in `accepted.ts`. */
export interface LeftOut {
  readonly rules: readonly string[];
  readonly reason: string;
  /** Whether they do not hold at a finding. */
  readonly where: (surroundings: Surroundings) => boolean;
}

/** Where a finding of squawk's stands. */
export interface Surroundings {
  /** Of the file. */
  readonly transaction: boolean;
  /** All that stand on the line. */
  readonly statements: readonly {
    readonly node: ParsedStatement["node"];
    /** What it changes, locks or drops. */
    readonly targets: readonly NamedObject[];
  }[];
  /** squawk's other rules with a finding on a part of the same text. */
  readonly besides: readonly string[];
  /** That the finding is about. */
  readonly text: string;
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
    where: onTargets((targets) => targets.some(({ isHypertable }) => isHypertable)),
  },
  {
    rules: ["require-concurrent-index-creation", "require-concurrent-index-deletion"],
    reason:
      "PostgreSQL cannot create or drop an index of a partitioned table concurrently, also with `on only`.",
    where: onTargets((targets) => targets.some(({ isPartitioned }) => isPartitioned)),
  },
  {
    rules: ["adding-serial-primary-key-field", "disallowed-unique-constraint"],
    reason:
      "They ask for a key `using index`. PostgreSQL refuses it on a partitioned table, TimescaleDB on a hypertable.",
    where: onTargets((targets) =>
      targets.some(({ isPartitioned, isHypertable }) => isPartitioned || isHypertable),
    ),
  },
  {
    rules: ["require-concurrent-partition-detach"],
    reason:
      "PostgreSQL cannot detach a partition concurrently while the table has a default partition.",
    where: onTargets((targets) => targets.some(({ hasDefaultPartition }) => hasDefaultPartition)),
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
    where: ({ besides }) => KEYS.some((rule) => besides.includes(rule)),
  },
  {
    rules: ["ban-char-field"],
    reason: "`character varying` is varchar.",
    where: ({ text }) =>
      typeText(columnOf(`add c ${text}`)?.typeName).startsWith("pg_catalog.varchar"),
  },
  {
    rules: ["adding-not-nullable-field", "adding-required-field"],
    reason: "A serial column has a default. Our rule table-rewrite says that it copies the table.",
    where: ({ text }) => {
      const column = columnOf(text);
      return column !== undefined && isSerial(column);
    },
  },
  {
    rules: ["prefer-text-field"],
    reason:
      "Where a column's type is changed in a table in use, changing-column-type reports the same.",
    where: (at) => at.besides.includes("changing-column-type") && !onNewTargets(at),
  },
  {
    rules: ["prefer-robust-stmts"],
    reason:
      "In a file without a transaction it asks for `if not exists`, which accepts a half-built index. The runner knows what " +
      "it began, and resumes it.",
    where: ({ transaction }) => !transaction,
  },
  {
    rules: words(`
      adding-field-with-default adding-foreign-key-constraint adding-not-nullable-field
      adding-required-field adding-serial-primary-key-field ban-drop-column ban-drop-not-null
      ban-drop-table changing-column-type constraint-missing-not-valid
      disallowed-unique-constraint renaming-column renaming-table
      require-concurrent-index-creation require-concurrent-index-deletion
      require-concurrent-reindex`),
    reason:
      "Nobody uses a table, a view or an index yet that the same file made. squawk knows only what `create table` makes.",
    where: onNewTargets,
  },
  {
    rules: words(`
      ban-char-field prefer-bigint-over-int prefer-bigint-over-smallint prefer-identity
      prefer-text-field`),
    reason: "A temporary table ends with the session, and has no schema.",
    where: ({ statements }) =>
      statements.length > 0 && statements.every(({ node }) => isTemporary(node)),
  },
];

function onNewTargets(at: Surroundings): boolean {
  return onTargets((targets) => targets.every(({ isNew }) => isNew))(at);
}

/** Whether it is so of all statements that stand on the line. */
function onTargets(isSo: (targets: readonly NamedObject[]) => boolean): LeftOut["where"] {
  return ({ statements }) =>
    statements.length > 0 && statements.every(({ targets }) => isSo(targets));
}
