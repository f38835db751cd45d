/** What a server's log and disk say of why it ended, for an error message. */
import { statfsSync } from "node:fs";
import { ifThere } from "../../../files/files";
import { printableBlock } from "../../../text/printable";

/** Lines that say what is wrong; most others are routine. `WARNING` is PgBouncer's. */
const TELLING = /\b(?:PANIC|FATAL|HINT|WARNING|ENOSPC)\b|No space left on device/;

/**
 * What clients hear of a server that starts or stops, and whoever asks with a wrong login; and what PgBouncer's hear between
 * two attempts to log in to a server, of which the attempt's own line tells the cause.
 */
const ROUTINE =
  /FATAL: {1,2}(?:the database system is|terminating connection|password auth)|server login has been failing/;

/** Lines that are shown: of those that tell, and of a log without any. */
const [TOLD, LAST] = [4, 12];

/** Bytes of one segment of the write-ahead log: with less space than that no server starts. */
const LITTLE = 16 * 1024 * 1024;

/**
 * The end of an error message: whether the disk of the server's folder is full, and the lines of its log that say why it
 * ended; where none does, its last lines.
 * @param logs what the server said in turn: the first that tells why it ended is the one that is shown
 */
export function logEnd(folder: string, ...logs: readonly string[]): string {
  const all = logs.map((log) => log.split("\n").filter((line) => line.trim() !== ""));
  const telling = all.map(tellingLines).find((lines) => lines.length > 0);
  const shown = telling === undefined ? all.flat().slice(-LAST) : telling.slice(-TOLD);
  const says = telling === undefined ? "its log ends with" : "its log says";
  return (
    diskText(folder) +
    (shown.length > 0 ? `; ${says}:\n${printableBlock(shown.join("\n"))}` : "; its log is empty")
  );
}

function tellingLines(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => TELLING.test(line) && !ROUTINE.test(line));
}

function diskText(folder: string): string {
  const disk = ifThere(() => statfsSync(folder));
  const free = disk === undefined ? LITTLE : disk.bavail * disk.bsize;
  if (free >= LITTLE) return "";
  return `; the disk of ${folder} is full (${Math.floor(free / 1024 / 1024)} MiB free): free space there`;
}
