import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { quoted } from "../../text/printable";
import type { Problem } from "../../text/problem";
import { projectRoot } from "../../files/project-root";

/**
 * Characters of a path that a program of the local home takes for something else: initdb gives paths to a shell in
 * double quotes, PostgreSQL has lists of folders with commas, and the embedded TimescaleDB reads its files by URL, with
 * permissions in which an asterisk stands for any name.
 */
const MISREAD = /["#$%*,?`]/;

/** The folder that local servers would lie in, where its name keeps them from starting. */
export function folderProblems(root: string = projectRoot()): readonly Problem[] {
  const home = join(root, ".sark", "local");
  const folders = [root, realpathSync(root), ...(existsSync(home) ? [realpathSync(home)] : [])];
  const misread = folders.find((folder) => MISREAD.test(folder));
  if (misread === undefined) return [];
  return [
    {
      key: "the folder of this checkout",
      value: quoted(misread, 400),
      allowed: 'a path without " # $ % * , ? and `, for servers on this machine',
      why: "programs of PostgreSQL and TimescaleDB take these characters for something else; move or rename the folder",
    },
  ];
}
