/**
 * Folders that take seconds to make, such as a cluster with the schema: made once per checkout in `.sark/templates`, and
 * copied from then on.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import packages from "../package-lock.json";
import { projectRoot } from "../components/files/project-root";

/**
 * Fills a folder from the template of this name.
 * @param inputs everything that determines its content, except the installed packages; other inputs
 *   give another template
 * @param make fills an empty folder, and leaves no process that uses it
 */
export async function copyTemplate(
  target: string,
  name: string,
  inputs: readonly string[],
  make: (folder: string) => Promise<void>,
): Promise<void> {
  const all = path.join(projectRoot(), ".sark", "templates");
  const facts = JSON.stringify([packages.packages, process.version, inputs]);
  const hash = createHash("sha256").update(facts).digest("hex").slice(0, 16);
  const template = path.join(all, `${name}-${hash}`);
  if (!fs.existsSync(template)) {
    fs.mkdirSync(all, { recursive: true, mode: 0o700 });
    const draft = fs.mkdtempSync(path.join(all, `making-${name}-`));
    await make(draft);
    try {
      fs.renameSync(draft, template);
    } catch {
      // Another process was faster.
      fs.rmSync(draft, { recursive: true, force: true });
    }
  }
  copyFolder(template, target);
}

/** Copies what is in a folder, with owners and modes; blocks are shared where the file system can. */
export function copyFolder(from: string, to: string): void {
  fs.mkdirSync(to, { recursive: true });
  execFileSync("cp", [
    "-a",
    ...(process.platform === "linux" ? ["--reflink=auto"] : []),
    `${from}/.`,
    to,
  ]);
}
