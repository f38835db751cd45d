/**
 * Folders that take seconds to make, such as a cluster with the schema: made once per checkout in `.sark/templates`,
 * and copied from then on.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../components/files/project-root";

/** Found at once, since a test may work in another project later. */
const ROOT = projectRoot();

/**
 * Fills a folder from the template of this name.
 * @param inputs everything that determines its content, except the packages and the code that starts servers; other
 *   inputs give another template
 * @param make fills an empty folder, and leaves no process that uses it
 */
export async function copyTemplate(
  target: string,
  name: string,
  inputs: readonly string[],
  make: (folder: string) => Promise<void>,
): Promise<void> {
  const all = path.join(ROOT, ".sark", "templates");
  makers ??= makersHash();
  const facts = JSON.stringify([makers, inputs]);
  const hash = createHash("sha256").update(facts).digest("hex").slice(0, 16);
  const template = path.join(all, `${name}-${hash}`);
  if (!fs.existsSync(template)) {
    // Other users may reach what else is in `.sark`.
    fs.mkdirSync(path.dirname(all), { recursive: true });
    fs.mkdirSync(all, { recursive: true, mode: 0o700 });
    removeOld(all);
    const draft = fs.mkdtempSync(path.join(all, `making-${name}-`));
    try {
      await make(draft);
      // Another process may have been faster.
      if (!fs.existsSync(template)) fs.renameSync(draft, template);
    } finally {
      fs.rmSync(draft, { recursive: true, force: true });
    }
  }
  copyFolder(template, target);
}

/** Hash of what every template depends on: the packages, and the code that starts servers and fills them. */
function makersHash(): string {
  const folders = [
    "components/homes/local/processes",
    "components/homes/local/timescale",
    "scratch",
  ];
  const files = folders.flatMap((folder) =>
    fs.readdirSync(path.join(ROOT, folder)).map((file) => path.join(folder, file)),
  );
  const hash = createHash("sha256").update(process.version);
  // Read, not imported: the commands' build would contain the lock file.
  for (const file of ["package-lock.json", ...files])
    hash.update(fs.readFileSync(path.join(ROOT, file)));
  return hash.digest("hex");
}

let makers: string | undefined;

/** Removes templates of a day ago, 50 MB each: whatever is in use is then made again. */
function removeOld(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    const { mtimeMs } = fs.statSync(path.join(folder, name));
    if (Date.now() - mtimeMs > 86_400_000) {
      fs.rmSync(path.join(folder, name), { recursive: true, force: true });
    }
  }
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
