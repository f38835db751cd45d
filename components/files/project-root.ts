import * as fs from "node:fs";
import * as path from "node:path";

/**
 * The folder with `Pulumi.yaml`: `SARK_ROOT` where it is set, else upwards from the working directory. Providers and
 * servers run as processes of their own and store no absolute path, so that a checkout may be moved.
 */
export function projectRoot(): string {
  let folder = process.env["SARK_ROOT"] ?? process.cwd();
  while (!fs.existsSync(path.join(folder, "Pulumi.yaml"))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`no Pulumi.yaml in ${process.cwd()} or above it`);
    folder = parent;
  }
  return folder;
}
