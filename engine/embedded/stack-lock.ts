import * as fs from "node:fs";
import * as path from "node:path";
import { hasCode, writing } from "../../components/files/files";
import { UserError, type StackRef } from "../engine";
import { stateFolder } from "./state";
import { shortened } from "../../components/text/printable";

/** Keeps two runs from changing one stack at the same time. */
export class Lock {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** Takes the lock, also from a process that has died. Throws {@link UserError} when another run holds it. */
  static take(ref: StackRef): Lock {
    const folder = stateFolder(ref.root);
    const file = path.join(folder, `${ref.stack}.lock`);
    writing(file, () => fs.mkdirSync(folder, { recursive: true, mode: 0o700 }));
    const own = `${process.pid} ${startOf(process.pid)}`;
    if (create(file, own)) return new Lock(file).#swept(folder, ref.stack);

    const holder = read(file);
    if (isAlive(holder)) throw busy(ref, file, holder);
    // Moved away first, then looked at again: another run may have taken it over in between.
    const stale = `${file}.${process.pid}.stale`;
    try {
      fs.renameSync(file, stale);
    } catch {
      throw busy(ref, file, read(file));
    }
    const moved = read(stale);
    if (moved !== holder) create(file, moved);
    fs.rmSync(stale, { force: true });
    if (moved !== holder || !create(file, own)) throw busy(ref, file, read(file));
    return new Lock(file).#swept(folder, ref.stack);
  }

  /** A run that was killed while it wrote has left the unfinished file behind, with the stack's secrets. */
  #swept(folder: string, stack: string): this {
    for (const file of fs.readdirSync(folder)) {
      if (file.startsWith(`${stack}.json.`) && file.endsWith(".tmp")) {
        fs.rmSync(path.join(folder, file), { force: true });
      }
    }
    return this;
  }

  release(): void {
    fs.rmSync(this.#file, { force: true });
  }
}

/** Written aside and linked into place, so that no one reads a lock that is still empty. */
function create(file: string, text: string): boolean {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writing(file, () => {
      fs.writeFileSync(temporary, text, { mode: 0o600 });
    });
    fs.linkSync(temporary, file);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function isAlive(holder: string): boolean {
  const [pid, start] = holder.split(" ");
  if (!pid || Number.isNaN(Number(pid))) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // A process of another user may not be signalled, but it lives.
    if (!hasCode(error, "EPERM")) return false;
  }
  return startOf(Number(pid)) === (start ?? "");
}

/**
 * When a process began, where the system tells it: a pid alone may since belong to another. A process that was
 * killed and not yet collected by its parent can still be signalled, but has no beginning any more.
 */
function startOf(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may contain spaces; after it come the state, and 19 fields on the start time.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "none" : (fields[19] ?? "");
  } catch {
    return "";
  }
}

function busy(ref: StackRef, file: string, holder: string): UserError {
  const pid = shortened(holder.split(" ")[0] ?? "unknown");
  return new UserError(
    `The stack "${ref.stack}" is being changed by another run (process ${pid}). Wait for it, or stop it; ` +
      `if there is no such run, delete ${file}.`,
  );
}
