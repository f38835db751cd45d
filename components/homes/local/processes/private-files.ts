/** File helpers of the local servers: private files and folders, removal, log limits. */
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";
import { ifThere, readIfThere, replaceFile } from "../../../files/files";
import type { ServiceUser } from "./service-user";

export { readIfThere };

/** Makes a folder that only its owner can enter. */
export function privateFolder(path: string, user: ServiceUser | undefined): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  if (user !== undefined) chownSync(path, user.uid, user.gid);
}

/**
 * Replaces a file atomically, readable by its owner only from the first byte on. Neither a kill nor a reader finds half
 * of it.
 */
export function writePrivately(path: string, text: string, user: ServiceUser | undefined): void {
  const handOver = (draft: string): void => {
    if (user !== undefined) chownSync(draft, user.uid, user.gid);
  };
  replaceFile(path, text, { mode: 0o600, finish: handOver });
}

/**
 * Removes a folder with its content. It retries, because a process left over by a killed command may still write there;
 * that process ends when its files are gone.
 */
export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

/** Makes a rename or a new entry in the folder survive a power cut. */
export function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } catch {
    // Some file systems cannot sync folders.
  } finally {
    closeSync(folder);
  }
}

/** The last lines of a text file; empty if the file is missing. */
export function lastLines(path: string, count = 12): string {
  return (readIfThere(path) ?? "").trimEnd().split("\n").slice(-count).join("\n");
}

/** Empties log files larger than `bytes`: nothing else limits the logs of a local server. */
export function truncateLargeLogs(folder: string, bytes = 64 * 1024 * 1024): void {
  for (const name of ifThere(() => readdirSync(folder)) ?? []) {
    const path = join(folder, name);
    ifThere(() => {
      const file = statSync(path);
      if (file.isFile() && file.size > bytes) truncateSync(path, 0);
    });
  }
}
