import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { quoted } from "../../text/printable";
import type { Problem } from "../../text/problem";
import { projectRoot } from "../../files/project-root";

/**
 * Path characters that programs of the local home misread: initdb passes paths to a shell in double quotes, PostgreSQL
 * separates lists of folders with commas, and the embedded TimescaleDB reads its files by URL, with permissions in
 * which an asterisk is a wildcard.
 */
const MISREAD = /["#$%*,?`]/;

/** Problems of the checkout's path: characters with which local servers do not start. */
export function checkoutPathProblems(root: string = projectRoot()): readonly Problem[] {
  const home = join(root, ".sark", "local");
  const folders = [root, realpathSync(root), ...(existsSync(home) ? [realpathSync(home)] : [])];
  const misread = folders.find((folder) => MISREAD.test(folder));
  if (misread === undefined) return [];
  return [
    {
      key: "the folder of this checkout",
      value: quoted(misread, 400),
      allowed: 'a path without " # $ % * , ? and `, for servers on this machine',
      why: "PostgreSQL and TimescaleDB misread these characters; move or rename the folder",
    },
  ];
}
