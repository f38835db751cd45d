import * as fs from "node:fs";
import * as path from "node:path";

/**
 * Folder of `Pulumi.yaml`: `SARK_ROOT` if set, otherwise searched upwards from the working directory. Providers and
 * servers are separate processes and store no absolute paths, so that a checkout can be moved.
 */
export function projectRoot(): string {
  let folder = process.env["SARK_ROOT"] ?? process.cwd();
  while (!fs.existsSync(path.join(folder, "Pulumi.yaml"))) {
    const parent = path.dirname(folder);
    if (parent === folder)
      throw new Error(`no Pulumi.yaml in ${process.cwd()} or any parent folder`);
    folder = parent;
  }
  return folder;
}
