import { createHash } from "node:crypto";
import { isDuration } from "../../text/units";
import { MigrationError } from "./errors";
import { shortened } from "../../text/printable";

/** Directives in the leading `--!` lines of a file. */
export interface Directives {
  /** False for `--! no-transaction`: the file has one statement that cannot run in a transaction. */
  readonly transaction: boolean;
  /** Maximum wait for a lock. Default 2s. */
  readonly lockTimeout: string;
  /** Maximum run time of a statement. Default 60s. */
  readonly statementTimeout: string;
  /** Role that runs the file and owns what it creates. Undefined: the database's owner. */
  readonly role: string | undefined;
}

export interface MigrationFile {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text with line endings normalised, in hex. */
  readonly hash: string;
  readonly directives: Directives;
}

const FILE_NAME = /^(\d{6})_[a-z0-9_]+\.sql$/;

/**
 * Plans a folder's files, in order.
 * @throws MigrationError on a name unlike `000001_some_words.sql`, a duplicate number, or an
 *   unknown directive
 */
export function planFiles(texts: Readonly<Record<string, string>>): readonly MigrationFile[] {
  const names = Object.keys(texts).sort();
  const numbers = new Map<string, string>();
  return names.map((name) => {
    const number = FILE_NAME.exec(name)?.[1];
    if (number === undefined) {
      throw new MigrationError(
        "name",
        `${shortened(name)}: invalid name; name the file like 000001_some_words.sql, in lower case, with a six-digit sequence number`,
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

function readDirectives(name: string, sql: string): Directives {
  const directives: { -readonly [K in keyof Directives]: Directives[K] } = {
    transaction: true,
    lockTimeout: "2s",
    statementTimeout: "60s",
    role: undefined,
  };
  for (const line of sql.split("\n")) {
    const text = /^--!\s*(.*)$/s.exec(line)?.[1]?.trim();
    if (text === undefined) break;
    const [key, value, ...rest] = text.split(/\s+/);
    const timeout =
      value !== undefined && isDuration(value) && rest.length === 0 ? value : undefined;
    const role = isRole(value) && rest.length === 0 ? value : undefined;
    if (text === "no-transaction") directives.transaction = false;
    else if (key === "lock_timeout" && timeout) directives.lockTimeout = timeout;
    else if (key === "statement_timeout" && timeout) directives.statementTimeout = timeout;
    else if (key === "role" && role) directives.role = role;
    else {
      throw new MigrationError(
        "directive",
        `${name}: "--! ${shortened(text)}" is an unknown directive; allowed are no-transaction, lock_timeout 2s, ` +
          `statement_timeout 60s and role some_role`,
      );
    }
  }
  return directives;
}

function isRole(value: string | undefined): value is string {
  return value !== undefined && /^[a-z_][a-z0-9_]{0,62}$/.test(value);
}
