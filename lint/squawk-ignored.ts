import { typeText } from "../components/sql-text/sql-names";
import { splitWords } from "../components/text/words";
import { parseColumnAction, isSerial } from "./column-definitions";
import type { ParsedStatement } from "./parsed";
import type { NamedObject } from "./model/schema";
import { isTemporary } from "./statement-objects";

/** squawk rules that are ignored under a condition, for a general reason. `accepted.ts` has single findings. */
export interface IgnoredRules {
  readonly rules: readonly string[];
  readonly reason: string;
  /** Whether to ignore the rules at a finding. */
  readonly where: (surroundings: FindingContext) => boolean;
}

/** The context of a squawk finding. */
export interface FindingContext {
  /** Whether the file runs in a transaction. */
  readonly transaction: boolean;
  /** All statements on the line. */
  readonly statements: readonly {
    readonly node: ParsedStatement["node"];
    /** The objects that it changes, locks or drops. */
    readonly targets: readonly NamedObject[];
  }[];
  /** Other squawk rules with a finding that overlaps the same text. */
  readonly overlappingRules: readonly string[];
  /** The text that the finding covers. */
  readonly text: string;
}

/** squawk rules on primary, unique and foreign keys. */
const KEYS = [
  "adding-serial-primary-key-field",
  "disallowed-unique-constraint",
  "adding-foreign-key-constraint",
];

export const IGNORED_RULES: readonly IgnoredRules[] = [
  {
    rules: ["syntax-error"],
    reason:
      "PostgreSQL's own parser accepts the file. squawk then checks its statements one by one, so an unreadable statement " +
      "hides no other.",
    where: () => true,
  },
  {
    rules: [
      "require-concurrent-index-creation",
      "require-concurrent-index-deletion",
      "require-concurrent-reindex",
    ],
    reason:
      "TimescaleDB refuses their advice on a hypertable. Our rule timescale-concurrently gives the alternative.",
    where: onTargets((targets) => targets.some(({ isHypertable }) => isHypertable)),
  },
  {
    rules: ["require-concurrent-index-creation", "require-concurrent-index-deletion"],
    reason:
      "PostgreSQL cannot create or drop an index of a partitioned table concurrently, even with `on only`.",
    where: onTargets((targets) => targets.some(({ isPartitioned }) => isPartitioned)),
  },
  {
    rules: ["adding-serial-primary-key-field", "disallowed-unique-constraint"],
    reason:
      "They advise a key `using index`. PostgreSQL refuses it on a partitioned table, TimescaleDB on a hypertable.",
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
      "A more specific squawk rule reports the key. PostgreSQL does not accept `not valid` for a primary or unique key.",
    where: ({ overlappingRules }) => KEYS.some((rule) => overlappingRules.includes(rule)),
  },
  {
    rules: ["ban-char-field"],
    reason: "`character varying` is varchar.",
    where: ({ text }) =>
      typeText(parseColumnAction(`add c ${text}`)?.typeName).startsWith("pg_catalog.varchar"),
  },
  {
    rules: ["adding-not-nullable-field", "adding-required-field"],
    reason: "A serial column has a default. Our rule table-rewrite reports the rewrite.",
    where: ({ text }) => {
      const column = parseColumnAction(text);
      return column !== undefined && isSerial(column);
    },
  },
  {
    rules: ["prefer-text-field"],
    reason:
      "When a column's type changes in a table in use, changing-column-type reports the same.",
    where: (at) => at.overlappingRules.includes("changing-column-type") && !onNewTargets(at),
  },
  {
    rules: ["prefer-robust-stmts"],
    reason:
      "In a file without a transaction it advises `if not exists`, which accepts a half-built index. The runner records " +
      "what it began, and resumes it.",
    where: ({ transaction }) => !transaction,
  },
  {
    rules: splitWords(`
      adding-field-with-default adding-foreign-key-constraint adding-not-nullable-field
      adding-required-field adding-serial-primary-key-field ban-drop-column ban-drop-not-null
      ban-drop-table changing-column-type constraint-missing-not-valid
      disallowed-unique-constraint renaming-column renaming-table
      require-concurrent-index-creation require-concurrent-index-deletion
      require-concurrent-reindex`),
    reason:
      "An object that the same file created is not in use yet. squawk recognises only those of `create table`.",
    where: onNewTargets,
  },
  {
    rules: splitWords(`
      ban-char-field prefer-bigint-over-int prefer-bigint-over-smallint prefer-identity
      prefer-text-field`),
    reason: "A temporary table ends with the session, and has no schema.",
    where: ({ statements }) =>
      statements.length > 0 && statements.every(({ node }) => isTemporary(node)),
  },
];

function onNewTargets(at: FindingContext): boolean {
  return onTargets((targets) => targets.every(({ isNew }) => isNew))(at);
}

/** Whether the condition holds for every statement on the line. */
function onTargets(holds: (targets: readonly NamedObject[]) => boolean): IgnoredRules["where"] {
  return ({ statements }) =>
    statements.length > 0 && statements.every(({ targets }) => holds(targets));
}
