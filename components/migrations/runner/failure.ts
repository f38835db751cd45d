import { type Client, DatabaseError } from "pg";
import type { MigrationFile } from "../plan/migration-files";
import type { Statement } from "../plan/statements";
import { invalidIndexes } from "./invalid-indexes";
import { messageOf } from "../../connections/provider-connection";
import { setsSearchPath } from "../plan/unqualified-names";

const LOCK_NOT_AVAILABLE = "55P03";
const DEADLOCK = "40P01";

/** Whether another session's locks were in the way, so that it may work the next time. */
export function isLockFailure(error: unknown): boolean {
  return (
    error instanceof DatabaseError && (error.code === LOCK_NOT_AVAILABLE || error.code === DEADLOCK)
  );
}

/**
 * Where a file failed, with what, and what is left of it. The server's detail is not in it: that shows the values of rows.
 * @param running the statement that ran; undefined before the first
 */
export async function describeFailure(
  client: Client,
  file: MigrationFile,
  running: Statement | undefined,
  cause: unknown,
): Promise<string> {
  const what = `${file.name}:${lineOf(running, cause)}: ${messageOf(cause)}${remedyOf(cause, file)}`;
  if (!(cause instanceof DatabaseError) || cause.severity === "FATAL") {
    return `${what}; the session is lost, and what was committed is in the ledger: run again`;
  }
  if (file.directives.transaction) return `${what}; nothing of the file was applied`;
  const left =
    running === undefined ? [] : await invalidIndexes(client, running.node).catch(() => []);
  return left.length === 0
    ? `${what}; the file is not recorded as applied`
    : `${what}; what is left invalid of it, ${left.join(" and ")}, serves no query and slows writes down: mend the ` +
        `cause and run again, and the next run drops it and starts anew`;
}

/** What the server's own words leave out: what the runner has to do with it. */
function remedyOf(cause: unknown, file: MigrationFile): string {
  const { code = "", message = "" } = cause instanceof DatabaseError ? cause : {};
  if (code === "25001" || code === "2D000") {
    return `. Put it into a file of its own that begins with "--! no-transaction"`;
  }
  if (setsSearchPath(file)) return "";
  const unknown = ["42P01", "42883", "42704", "42P02"].includes(code);
  if (unknown || (code === "42501" && message.includes("schema pg_catalog"))) {
    return ". Names are looked up in pg_catalog alone: write each with its schema, such as public.f";
  }
  return "";
}

/** The line of the file that the server points to, or where the statement begins. */
function lineOf(running: Statement | undefined, cause: unknown): number {
  if (running === undefined) return 1;
  const position = cause instanceof DatabaseError ? Number(cause.position) : NaN;
  if (Number.isNaN(position)) return running.line;
  // The server counts characters, from 1.
  const before = Array.from(running.sql).slice(0, position - 1);
  return running.line + before.filter((character) => character === "\n").length;
}
