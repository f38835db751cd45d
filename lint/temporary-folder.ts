import * as fs from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs `use` in a folder that only this user can read. Removes the folder when `use` or the process ends, also by a signal. */
export async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = fs.mkdtempSync(path.join(tmpdir(), "sark-squawk-"));
  const remove = (): void => {
    fs.rmSync(folder, { recursive: true, force: true });
  };
  const end = (signal: NodeJS.Signals): void => {
    remove();
    for (const each of SIGNALS) process.off(each, end);
    // The listener is gone, so the signal now ends the process.
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    return await use(folder);
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
    remove();
  }
}
