import { printableLines } from "../../text/printable";

/** Error codes of migrations and their target database; docs/migrations.md has the remedies. */
export const MIGRATION_ERROR_CODES = [
  // Problems of the files alone: found without a connection, in the preview.
  "name",
  "duplicate",
  "directive",
  "unreadable",
  "encoding",
  "empty",
  "syntax",
  "transaction-control",
  "psql-command",
  "not-allowed",
  "mixed-concurrently",
  "needs-transaction",
  "unqualified",
  // Files compared with what was applied: found in the preview from the state, and again from the ledger.
  "edited",
  "missing",
  "out-of-order",
  // Problems of the database: found before it is changed.
  "pool",
  "standby",
  "read-only",
  "wrong-database",
  "extension-missing",
  "extension-not-preloaded",
  "schema-differs",
  "ledger-differs",
  // Problems during the run.
  "locked",
  "lock-timeout",
  "failed",
] as const;

export type MigrationErrorCode = (typeof MIGRATION_ERROR_CODES)[number];

/** A migration that cannot be planned or applied; the message says which, why, and what to do. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";

  constructor(
    readonly code: MigrationErrorCode,
    sentence: string,
    options?: ErrorOptions,
  ) {
    super(printableLines(`${code}: ${sentence}`), options);
  }
}

/**
 * Adds the folder to a MigrationError, in a class that commands print without a stack trace; returns other errors
 * unchanged.
 * @param Printed the class
 */
export function printableMigrationError(
  cause: unknown,
  folder: string,
  Printed: new (message: string, options?: ErrorOptions) => Error,
): unknown {
  return cause instanceof MigrationError
    ? new Printed(`${folder}: ${cause.message}`, { cause })
    : cause;
}
