import * as fs from "node:fs";
import * as path from "node:path";
import { writing } from "../../components/files/files";
import { releaseLock, takeLock } from "../../components/files/process-lock";
import { UserError, type StackRef } from "../engine";
import { stateFolder } from "./state-file";
import { shortened } from "../../components/text/printable";

/**
 * Locks a stack, so that two runs cannot change it at the same time. Takes over the lock of a process that has died.
 * @returns a function that releases the lock
 * @throws {UserError} if another run holds the lock
 */
export function lockStack({ root, stack }: StackRef): () => void {
  const folder = stateFolder(root);
  const file = path.join(folder, `${stack}.lock`);
  writing(file, () => fs.mkdirSync(folder, { recursive: true, mode: 0o700 }));
  const holder = takeLock(file);
  if (holder !== undefined) {
    throw new UserError(
      `The stack "${stack}" is being changed by another run (process ${shortened(holder)}). Wait for it, or stop it. ` +
        `If that process does not exist, delete ${file}.`,
    );
  }
  // A run that was killed while writing has left a temporary file with the stack's secrets.
  for (const name of fs.readdirSync(folder)) {
    if (name.startsWith(`${stack}.json.`) && name.endsWith(".tmp")) {
      fs.rmSync(path.join(folder, name), { force: true });
    }
  }
  return () => {
    releaseLock(file);
  };
}
