import { MAX_BYTES } from "./pgbouncer-rules";
import { holdsControls, quoted } from "../../text/printable";
import { formatProblems } from "../../text/problem";
import type { Problem } from "../../text/problem";

/** A login of PgBouncer's `auth_file`. */
export interface UserlistEntry {
  readonly name: string;
  /** A SCRAM verifier, or a password where PgBouncer itself must log in without a client's. */
  readonly secret: string;
}

/**
 * The text of PgBouncer's `auth_file`: one login a line, sorted by name, quotes doubled. Write it
 * with mode 0600; a change of it takes effect with a RELOAD.
 *
 * A verifier lets a client's own SCRAM log-in be passed on to the server, if the server holds the
 * same verifier and the database entry names no user. A plain password works in every case, but
 * then the file holds one.
 *
 * @throws Error with every entry that PgBouncer could not keep. Secrets are never shown.
 */
export function renderUserlist(entries: readonly UserlistEntry[]): string {
  const problems = entries.flatMap((entry, at) => [
    ...entryProblems(entry),
    ...(entries.findIndex(({ name }) => name === entry.name) < at ? [twice(entry.name)] : []),
  ]);
  if (problems.length > 0) throw new Error(formatProblems(problems));

  return [...entries]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, secret }) => `${inQuotes(name)} ${inQuotes(secret)}\n`)
    .join("");
}

function inQuotes(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function entryProblems({ name, secret }: UserlistEntry): Problem[] {
  const key = `userlist ${quoted(name)}`;
  const problems: Problem[] = [];
  // PgBouncer measures what stands between the quotes, so a doubled quote counts twice.
  const tooLong = (text: string, most: number) => Buffer.byteLength(inQuotes(text)) - 2 > most;
  if (name === "" || tooLong(name, MAX_BYTES.users)) {
    problems.push({
      key,
      value: "its name",
      allowed: `1 to ${MAX_BYTES.users} bytes, a quote counting twice`,
      why: "PgBouncer stops reading the file at a longer one",
    });
  }
  if (secret === "" || tooLong(secret, MAX_BYTES.password)) {
    problems.push({
      key,
      value: "[secret]",
      allowed: `1 to ${MAX_BYTES.password} bytes, a quote counting twice`,
      why: "PgBouncer stops reading the file at a longer one, and an empty one can never log in",
    });
  }
  if (holdsControls(name) || holdsControls(secret)) {
    problems.push({
      key,
      value: "[secret]",
      allowed: "no control characters in name or secret",
      why: "a NUL ends the file for PgBouncer, a line break makes it unreadable to people",
    });
  }
  if (/^md5[0-9a-f]{32}$/.test(secret)) {
    problems.push({
      key,
      value: "[secret]",
      allowed: "a SCRAM verifier or a password",
      why: "an MD5 hash cannot serve a SCRAM log-in",
    });
  }
  return problems;
}

function twice(name: string): Problem {
  return {
    key: `userlist ${quoted(name)}`,
    value: "a second entry",
    allowed: "one entry a login",
    why: "PgBouncer would keep the last one only",
  };
}
