import * as fs from "node:fs";
import { createRequire } from "node:module";
import { EmbeddedEngine } from "../../../engine/embedded/embedded-engine";
import type { Progress, StackRef } from "../../../engine/engine";

/**
 * Runs one command of the engine in a separate process and writes the result to a file. It is a separate process since
 * the tests kill it, and since jest would treat the SDK's rejections as failures of the test.
 */
async function main(): Promise<void> {
  const [command, root, stack, report] = process.argv.slice(2);
  if (!command || !root || !stack || !report) throw new Error("command, root, stack, report");
  dieAtRename(root, process.env["DIE_AT"]);
  fillDiskAtRename(root, Number(process.env["FULL_AT"] ?? 0));
  const ref: StackRef = { root, stack };
  const engine = new EmbeddedEngine({ program: (folder) => `${folder}/program.js` });
  const events: string[] = [];
  const progress: Progress = {
    started: (urn, op) => void events.push(`started ${op} ${urn}`),
    finished: (urn, op) => void events.push(`finished ${op} ${urn}`),
    failed: (urn, reason) => void events.push(`failed ${urn} ${reason}`),
    message: (severity, text) => void events.push(`${severity} ${text}`),
  };
  const write = (outcome: object): void => {
    fs.writeFileSync(report, JSON.stringify({ ...outcome, events }));
  };
  // An interrupted run exits by itself; its output until then must be kept.
  process.on("exit", () => {
    if (!fs.existsSync(report)) write({});
  });
  try {
    switch (command) {
      case "preview":
        write({ value: await engine.preview(ref, progress) });
        break;
      case "up":
        write({ value: await engine.up(ref, progress) });
        break;
      case "destroy":
        write({ value: await engine.destroy(ref, progress) });
        break;
      case "previewDestroy":
        write({ value: await engine.previewDestroy(ref) });
        break;
      default:
        write({ value: await engine.outputs(ref) });
    }
  } catch (error) {
    const { name, message, stack: trace } = error instanceof Error ? error : new Error("?");
    write({ error: { name, message, stack: trace } });
  }
}

/** Kills the process before (`3-`) or after (`3+`) its nth rename in the project: each write of the state is one. */
function dieAtRename(root: string, moment: string | undefined): void {
  if (moment === undefined) return;
  const nth = Number(moment.slice(0, -1));
  const rename = fs.renameSync;
  let count = 0;
  const die = (): void => void process.kill(process.pid, "SIGKILL");
  Object.assign(createRequire(__filename)("node:fs") as object, {
    renameSync(from: string, to: string) {
      if (!to.startsWith(root)) {
        rename(from, to);
        return;
      }
      count += 1;
      if (count === nth && moment.endsWith("-")) die();
      rename(from, to);
      if (count === nth && moment.endsWith("+")) die();
    },
  });
}

/** Makes every rename in the project fail as on a full disk, from the nth on. */
function fillDiskAtRename(root: string, nth: number): void {
  if (nth === 0) return;
  const rename = fs.renameSync;
  let count = 0;
  Object.assign(createRequire(__filename)("node:fs") as object, {
    renameSync(from: string, to: string) {
      if (to.startsWith(root)) count += 1;
      if (count < nth || !to.startsWith(root)) rename(from, to);
      else throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    },
  });
}

void main();
