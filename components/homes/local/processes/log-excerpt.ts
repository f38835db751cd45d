/** Explains why a server ended, from its log and disk, for an error message. */
import { statfsSync } from "node:fs";
import { ifThere } from "../../../files/files";
import { printableBlock } from "../../../text/printable";

/** Log lines that report a problem; most others are routine. `WARNING` is PgBouncer's. */
const PROBLEM = /\b(?:PANIC|FATAL|HINT|WARNING|ENOSPC)\b|No space left on device/;

/**
 * FATAL lines that are not the cause: messages to clients while a server starts or stops, wrong passwords, and
 * PgBouncer's message between two log-in attempts, of which the attempt's own line has the cause.
 */
const ROUTINE =
  /FATAL: {1,2}(?:the database system is|terminating connection|password auth)|server login has been failing/;

/** Number of lines shown: of problem lines, or else of the end of the log. */
const [PROBLEM_LINES, LAST_LINES] = [4, 12];

/** Bytes of one WAL segment: with less free space no server starts. */
const WAL_SEGMENT = 16 * 1024 * 1024;

/**
 * The end of an error message: whether the disk of the folder is full, and the log lines that report the problem, or
 * else the last lines of the log.
 * @param logs in order of time; the first one with problem lines is shown
 */
export function logExcerpt(folder: string, ...logs: readonly string[]): string {
  const all = logs.map((log) => log.split("\n").filter((line) => line.trim() !== ""));
  const problems = all.map(problemLines).find((lines) => lines.length > 0);
  const shown =
    problems === undefined ? all.flat().slice(-LAST_LINES) : problems.slice(-PROBLEM_LINES);
  const heading = problems === undefined ? "its log ends with" : "its log says";
  return (
    diskText(folder) +
    (shown.length > 0 ? `; ${heading}:\n${printableBlock(shown.join("\n"))}` : "; its log is empty")
  );
}

function problemLines(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => PROBLEM.test(line) && !ROUTINE.test(line));
}

/** The end of a sentence if the disk of the folder is full; else empty. */
export function diskText(folder: string): string {
  const disk = ifThere(() => statfsSync(folder));
  const free = disk === undefined ? WAL_SEGMENT : disk.bavail * disk.bsize;
  if (free >= WAL_SEGMENT) return "";
  return `; the disk of ${folder} is full (${Math.floor(free / 1024 / 1024)} MiB free): free space there`;
}
