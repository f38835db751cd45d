import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError, type Progress, type StackRef } from "../engine";
import { hasCode, ifThere } from "../../components/files/files";
import { ownStateFolder, projectName } from "./pulumi-state";

const POLL_MS = 250;
const LONGEST_WAIT_MS = 10 * 60_000;

interface Holder {
  readonly file: string;
  readonly pid: number;
  readonly hostname: string;
}

/**
 * Waits until no run of the CLI holds the stack in our own backend. Removes the lock of a killed run: the CLI itself
 * would refuse every later run until `pulumi cancel`.
 * @throws {UserError} after ten minutes
 */
export async function awaitUnlocked(ref: StackRef, progress: Progress): Promise<void> {
  const giveUp = performance.now() + LONGEST_WAIT_MS;
  let announced = false;
  for (;;) {
    const holder = holders(ref).find((one) => !removedIfDead(one, progress));
    if (holder === undefined) return;
    const who = `Another run (process ${holder.pid} on ${holder.hostname})`;
    if (performance.now() > giveUp) {
      throw new UserError(
        `${who} has held stack ${ref.stack} for ten minutes. Stop it, then run this again.`,
      );
    }
    if (!announced)
      progress.message("info", `${who} is changing stack ${ref.stack}: waiting for it.`);
    announced = true;
    await sleep(POLL_MS);
  }
}

/** The time of the lock that a run of the CLI holds or left in our own backend; undefined without a lock. */
export function lockedSince(ref: StackRef): Date | undefined {
  const [holder] = holders(ref);
  const lock = holder && ifThere(() => fs.statSync(holder.file));
  return lock?.mtime;
}

function holders({ root, stack }: StackRef): Holder[] {
  const locks = path.join(ownStateFolder(root), ".pulumi", "locks");
  const folder = path.join(locks, "organization", projectName(root), stack);
  // The CLI removes the folder together with its last lock.
  return (ifThere(() => fs.readdirSync(folder)) ?? [])
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      const file = path.join(folder, name);
      try {
        const { pid, hostname } = JSON.parse(fs.readFileSync(file, "utf8")) as Partial<Holder>;
        return pid === undefined || hostname === undefined ? [] : [{ file, pid, hostname }];
      } catch {
        // It is being released or written right now.
        return [];
      }
    });
}

function removedIfDead({ file, pid, hostname }: Holder, progress: Progress): boolean {
  if (hostname !== os.hostname() || isPulumi(pid)) return false;
  fs.rmSync(file, { force: true });
  progress.message("info", `Removed the lock of a killed run (process ${pid}).`);
  return true;
}

function isPulumi(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, "EPERM");
  }
  try {
    // The process id may belong to another program by now.
    return fs.readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("pulumi");
  } catch {
    return true;
  }
}
