import * as fs from "node:fs";
import * as path from "node:path";
import { replaceFile } from "../../components/files/files";
import type { FailedRun, StackRef } from "../../engine/engine";

/** Logs kept for each stack. */
const MOST = 10;

/** The log of a failed run. */
export interface RunLog {
  /** Path below the project's folder. */
  readonly file: string;
  /** Its first line: what failed and why. */
  readonly cause: string;
}

function folderOf(root: string): string {
  return path.join(root, ".sark", "logs");
}

/**
 * Writes the log of a failed run, readable only by its owner, and deletes all but the last few logs.
 * @param text its first line is the cause
 * @returns the file, below the project's folder; undefined if it cannot be written, which must not hide the failure
 */
export function writeRunLog(
  { root, stack }: StackRef,
  command: string,
  text: string,
): string | undefined {
  const time = new Date().toISOString().replace(/[-:]|\..*/g, "");
  const name = `${stack}-${time}-${command}.log`;
  const folder = folderOf(root);
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    replaceFile(path.join(folder, name), text, { mode: 0o600 });
    for (const old of logsOf(root, stack).slice(MOST)) {
      fs.rmSync(path.join(folder, old), { force: true });
    }
    return path.join(".sark", "logs", name);
  } catch {
    return undefined;
  }
}

/** Finds the log of a run, if it ran from this checkout. */
export function findRunLog(
  { root, stack }: StackRef,
  { began, command }: FailedRun,
): RunLog | undefined {
  const [name] = logsOf(root, stack);
  if (name?.endsWith(`-${command}.log`) !== true) return undefined;
  try {
    const file = path.join(folderOf(root), name);
    if (fs.statSync(file).mtime < began) return undefined;
    const [cause = ""] = fs.readFileSync(file, "utf8").split("\n", 1);
    return { file: path.join(".sark", "logs", name), cause };
  } catch {
    return undefined;
  }
}

/** Newest first. */
function logsOf(root: string, stack: string): readonly string[] {
  const isOf = new RegExp(`^${stack.replace(/[.]/g, "\\.")}-\\d{8}T\\d{6}Z?-[a-z]+\\.log$`);
  try {
    return fs
      .readdirSync(folderOf(root))
      .filter((name) => isOf.test(name))
      .sort()
      .reverse();
  } catch {
    return [];
  }
}
