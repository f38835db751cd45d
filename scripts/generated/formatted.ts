import { execFileSync } from "node:child_process";
import { join } from "node:path";

/**
 * A file's text in the project's format (`.oxfmtrc.json`): wrapped prose and aligned tables. Ignored files stay as they are.
 * @param root the project's folder
 */
export function formatted(root: string, file: string, text: string): string {
  // Started as a program, because a CommonJS module of Node 20 cannot import it.
  const oxfmt = join(root, "node_modules/oxfmt/bin/oxfmt");
  return execFileSync(process.execPath, [oxfmt, "--stdin-filepath", file], {
    cwd: root,
    input: text,
    encoding: "utf8",
  });
}
