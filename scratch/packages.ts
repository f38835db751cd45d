import * as fs from "node:fs";
import * as path from "node:path";

/** Creates a folder of links instead of a link to the folder, so that emptying it does not delete the packages. */
export function linkPackages(from: string, to: string): void {
  fs.mkdirSync(to);
  for (const name of fs.readdirSync(from)) {
    const [source, target] = [path.join(from, name), path.join(to, name)];
    if (name === ".package-lock.json") fs.copyFileSync(source, target);
    else if (name !== ".sark-installed") fs.symlinkSync(source, target);
  }
}
