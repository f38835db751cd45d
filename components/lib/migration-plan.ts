import { createHash } from "node:crypto";

/** What the leading `--!` lines of a file say. */
export interface Directives {
  /** False for `--! no-transaction`: the file holds one statement that cannot run inside a transaction. */
  readonly transaction: boolean;
  /** How long a statement waits for a lock. Default 2s. */
  readonly lockTimeout: string;
  /** How long a statement may run. Default 60s. */
  readonly statementTimeout: string;
}

export interface MigrationFile {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text with line endings normalised, in hex. */
  readonly hash: string;
  readonly directives: Directives;
}

export type MigrationErrorCode =
  "edited" | "missing" | "out-of-order" | "duplicate" | "name" | "directive" | "locked" | "failed";

/** A migration that cannot be planned or applied; the message says which file and what to do. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";

  constructor(
    readonly code: MigrationErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const FILE_NAME = /^(\d{6})_[a-z0-9_]+\.sql$/;

/**
 * Reads a folder's files into a plan, in their order.
 * @throws MigrationError on a name that is not `000001_some_words.sql`, a number used twice, or an unknown directive
 */
export function planFiles(texts: Readonly<Record<string, string>>): readonly MigrationFile[] {
  const names = Object.keys(texts).sort();
  const numbers = new Map<string, string>();
  return names.map((name) => {
    const number = FILE_NAME.exec(name)?.[1];
    if (number === undefined) {
      throw new MigrationError(
        "name",
        `${name}: a migration is named like 000001_some_words.sql, with six digits that give its place`,
      );
    }
    const other = numbers.get(number);
    if (other !== undefined) {
      throw new MigrationError(
        "duplicate",
        `${name} and ${other} have the same number: give the newer one the next free number`,
      );
    }
    numbers.set(number, name);
    const sql = (texts[name] ?? "").replace(/\r\n/g, "\n");
    return { name, sql, hash: contentHash(sql), directives: readDirectives(name, sql) };
  });
}

export function contentHash(sql: string): string {
  return createHash("sha256").update(sql.replace(/\r\n/g, "\n")).digest("hex");
}

/**
 * The files that a database still lacks.
 * @param applied the ledger's rows
 * @throws MigrationError when an applied file was edited or is gone, or a new one stands before an applied one
 */
export function pendingFiles(
  files: readonly MigrationFile[],
  applied: readonly { readonly name: string; readonly hash: string }[],
): readonly MigrationFile[] {
  refuseChanges(
    Object.fromEntries(applied.map((row) => [row.name, row.hash])),
    Object.fromEntries(files.map((file) => [file.name, file.hash])),
  );
  const done = new Set(applied.map((row) => row.name));
  return files.filter((file) => !done.has(file.name));
}

/**
 * Compares name -> hash of what was applied with what the folder holds now; needs no connection, so a preview runs it.
 * @throws MigrationError
 */
export function refuseChanges(
  applied: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): void {
  for (const [name, hash] of Object.entries(applied)) {
    const now = files[name];
    if (now === undefined) {
      throw new MigrationError(
        "missing",
        `${name} was applied and is not in the folder any more: restore the file from version control`,
      );
    }
    if (now !== hash) {
      throw new MigrationError(
        "edited",
        `${name} was applied with other content (sha-256 ${hash.slice(0, 12)}, now ${now.slice(0, 12)}): ` +
          `restore it, and put the change into a new file`,
      );
    }
  }
  const last = Object.keys(applied).sort().at(-1);
  const early = Object.keys(files).find(
    (name) => !(name in applied) && last !== undefined && name < last,
  );
  if (early !== undefined) {
    throw new MigrationError(
      "out-of-order",
      `${early} stands before ${String(last)}, which was already applied: give it the next free number`,
    );
  }
}

function readDirectives(name: string, sql: string): Directives {
  const directives = { transaction: true, lockTimeout: "2s", statementTimeout: "60s" };
  for (const line of sql.split("\n")) {
    const text = /^--!\s*(.*)$/.exec(line)?.[1]?.trim();
    if (text === undefined) break;
    const [key, value, ...rest] = text.split(/\s+/);
    const timeout = isDuration(value) && rest.length === 0 ? value : undefined;
    if (text === "no-transaction") directives.transaction = false;
    else if (key === "lock_timeout" && timeout) directives.lockTimeout = timeout;
    else if (key === "statement_timeout" && timeout) directives.statementTimeout = timeout;
    else {
      throw new MigrationError(
        "directive",
        `${name}: "--! ${text}" is not known; allowed are no-transaction, lock_timeout 2s and statement_timeout 60s`,
      );
    }
  }
  return directives;
}

function isDuration(value: string | undefined): value is string {
  return value !== undefined && /^\d+(ms|s|min|h)?$/.test(value);
}
