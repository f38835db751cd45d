import type { ParsedFile } from "./database";
import type { Schema } from "./model/schema";

/** Rules of squawk's that do not hold somewhere, for a reason that is no one file's. Single findings are in `accepted.ts`. */
export interface LeftOut {
  readonly rules: readonly string[];
  readonly reason: string;
  /**
   * Where they do not hold.
   * @param line of the finding
   * @param besides squawk's rules with a finding that ends at the same place
   */
  readonly where: (
    file: ParsedFile,
    line: number,
    schema: Schema,
    besides: readonly string[],
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
    reason: "Our rules only-schema, drop-cascade and column-types report the same.",
    where: () => true,
  },
  {
    rules: ["constraint-missing-not-valid"],
    reason:
      "On a key, a more exact rule of squawk's reports the same. PostgreSQL takes `not valid` for no primary or unique key.",
    where: (_file, _line, _schema, besides) => KEYS.some((rule) => besides.includes(rule)),
  },
  {
    rules: ["prefer-robust-stmts"],
    reason:
      "In a file without a transaction it asks for `if not exists`, which accepts a half-built index. The runner knows what " +
      "it began, and resumes it.",
    where: ({ migration }) => !migration.directives.transaction,
  },
];

function isOnHypertable({ statements }: ParsedFile, line: number, schema: Schema): boolean {
  const statement = statements.find((each) => each.line <= line && line <= each.lastLine);
  return (statement?.relations ?? []).some((name) =>
    schema.hypertables.has(schema.indexTables.get(name) ?? name),
  );
}
