import { printableLines } from "../../text/printable";

/** What can be wrong with a migration, or with the database that it was meant for; docs/migrations.md says what to do. */
export const MIGRATION_ERROR_CODES = [
  // The files themselves: found without a connection, in the preview.
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
  // The files against what was applied: found in the preview, from the state, and again from the ledger.
  "edited",
  "missing",
  "out-of-order",
  // The database: found before anything in it is changed.
  "pool",
  "standby",
  "read-only",
  "wrong-database",
  "extension-missing",
  "extension-not-preloaded",
  "schema-differs",
  "ledger-differs",
  // While working.
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
 * A migration's refusal with its folder, as an error that commands print without a stack trace; any other error as it is.
 * @param Printed its class
 */
export function withFolder(
  cause: unknown,
  folder: string,
  Printed: new (message: string, options?: ErrorOptions) => Error,
): unknown {
  return cause instanceof MigrationError
    ? new Printed(`${folder}: ${cause.message}`, { cause })
    : cause;
}
