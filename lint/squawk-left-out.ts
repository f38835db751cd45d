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
    rules: ["prefer-robust-stmts"],
    reason:
      "In a file without a transaction, it asks for `if not exists`, which takes a half-built index for a whole one. The " +
      "runner knows what it began, and takes that up again.",
    where: ({ migration }) => !migration.directives.transaction,
  },
];

function isOnHypertable({ statements }: ParsedFile, line: number, schema: Schema): boolean {
  const statement = statements.find((each) => each.line <= line && line <= each.lastLine);
  return (statement?.relations ?? []).some((name) =>
    schema.hypertables.has(schema.indexTables.get(name) ?? name),
  );
}
