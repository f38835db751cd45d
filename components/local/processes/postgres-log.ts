/** What a local PostgreSQL said, for error messages and decisions. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ifThere } from "../../files";
import { lastLines } from "./files";
import { logEnd } from "./log-end";
import type { ServerFiles } from "./postgres-files";

/** The end of an error message: why the server ended, as far as what it said at its start and in its newest log tells. */
export function postgresLogEnd(files: ServerFiles): string {
  // Until it writes its own log, a server speaks to the file of its start, which holds nothing older.
  return logEnd(files.data, lastLines(files.startLog, 100), logOfThisStart(files));
}

/** What the server said since it last started, as far as its newest log's end goes. */
export function logOfThisStart(files: ServerFiles): string {
  const lines = logs(files)
    .map((path) => lastLines(path, 100))
    .join("\n")
    .split("\n");
  const start = lines.findLastIndex((line) => line.includes("starting PostgreSQL"));
  return lines.slice(Math.max(start, 0)).join("\n");
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
