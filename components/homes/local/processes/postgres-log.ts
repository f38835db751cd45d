/** Reads the logs of a local PostgreSQL, for error messages and decisions. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ifThere } from "../../../files/files";
import { lastLines } from "./private-files";
import { logExcerpt } from "./log-excerpt";
import type { ServerFiles } from "./postgres-files";

/** The end of an error message: why the server ended, from the output of its start and its newest log. */
export function postgresLogExcerpt(files: ServerFiles, before?: string): string {
  // Until its logger runs, a server writes to the file of this start, which holds nothing older.
  return logExcerpt(files.data, lastLines(files.startLog, 100), logOfThisStart(files, before));
}

/**
 * Log lines of the server since its last start, from the end of the newest log.
 * @param before {@link lastStart} from before the start: a server that refuses its parameters logs nothing
 */
export function logOfThisStart(files: ServerFiles, before?: string): string {
  const lines = newestLines(files);
  const start = startIn(lines);
  // A busy server's own start may be older than these lines, and nothing of another one is in them.
  if (before !== undefined && (lines[start] ?? "") === before) return "";
  return lines.slice(Math.max(start, 0)).join("\n");
}

/** The first log line of the newest start; empty if the ends of the logs have none. */
export function lastStart(files: ServerFiles): string {
  const lines = newestLines(files);
  return lines[startIn(lines)] ?? "";
}

function startIn(lines: readonly string[]): number {
  return lines.findLastIndex((line) => line.includes("starting PostgreSQL"));
}

function newestLines(files: ServerFiles): readonly string[] {
  return logs(files)
    .map((path) => lastLines(path, 100))
    .join("\n")
    .split("\n");
}

function logs(files: ServerFiles): string[] {
  const [newest] = (ifThere(() => readdirSync(files.logs)) ?? [])
    .filter((name) => /^postgresql-.*\.log$/.test(name))
    .map((name) => join(files.logs, name))
    .sort((a, b) => modified(b) - modified(a));
  return [files.startLog, ...(newest === undefined ? [] : [newest])];
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
