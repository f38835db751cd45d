import { type Client, DatabaseError } from "pg";
import type { MigrationFile } from "../plan/migration-files";
import type { Statement } from "../plan/statements";
import { invalidIndexes } from "./invalid-indexes";
import { messageOf } from "../../connections/provider-connection";
import { setsSearchPath } from "../plan/unqualified-names";

const LOCK_NOT_AVAILABLE = "55P03";
const DEADLOCK = "40P01";

/** Whether locks of another session caused the failure, so that a retry may succeed. */
export function isLockFailure(error: unknown): boolean {
  return (
    error instanceof DatabaseError && (error.code === LOCK_NOT_AVAILABLE || error.code === DEADLOCK)
  );
}

/**
 * Describes where and why a file failed, and what remains of it. The server's DETAIL is left out: it shows row values.
 * @param running the running statement; undefined before the first
 */
export async function describeFailure(
  client: Client,
  file: MigrationFile,
  running: Statement | undefined,
  cause: unknown,
): Promise<string> {
  const what = `${file.name}:${lineOf(running, cause)}: ${messageOf(cause)}${remedyOf(cause, file)}`;
  if (!(cause instanceof DatabaseError) || cause.severity === "FATAL") {
    return `${what}; the session was lost; committed work is in the ledger: run again`;
  }
  if (file.directives.transaction) return `${what}; nothing of the file was applied`;
  const left =
    running === undefined ? [] : await invalidIndexes(client, running.node).catch(() => []);
  return left.length === 0
    ? `${what}; the file is not recorded as applied`
    : `${what}; it left ${left.join(" and ")} invalid, which no query uses and which slows writes: fix the ` +
        `cause and run again; the next run drops it and starts over`;
}

/** Remedy that the server's message cannot know, because it concerns the runner. */
function remedyOf(cause: unknown, file: MigrationFile): string {
  const { code = "", message = "" } = cause instanceof DatabaseError ? cause : {};
  if (code === "25001" || code === "2D000") {
    return `. Move it to its own file that begins with "--! no-transaction"`;
  }
  if (setsSearchPath(file)) return "";
  const unknown = ["42P01", "42883", "42704", "42P02"].includes(code);
  if (unknown || (code === "42501" && message.includes("schema pg_catalog"))) {
    return ". The search path is pg_catalog only: qualify each name with its schema, such as public.f";
  }
  return "";
}

/** Line that the server points to, or the start of the statement. */
function lineOf(running: Statement | undefined, cause: unknown): number {
  if (running === undefined) return 1;
  const position = cause instanceof DatabaseError ? Number(cause.position) : NaN;
  if (Number.isNaN(position)) return running.line;
  // The server counts characters, from 1.
  const before = Array.from(running.sql).slice(0, position - 1);
  return running.line + before.filter((character) => character === "\n").length;
}
