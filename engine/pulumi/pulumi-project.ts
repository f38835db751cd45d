import * as fs from "node:fs";
import * as path from "node:path";
import { readIfThere, replaceFile } from "../../components/files/files";
import type { StackRef } from "../engine";
import { isCloud, type Backend } from "./pulumi-environment";
import { isKnownStack, projectName } from "./pulumi-state";

/*
 * With a passphrase, `pulumi stack init` and `pulumi up` write a line `encryptionsalt` into Pulumi.<stack>.yaml. That
 * file is committed, and the line would differ in each checkout. So the stack is created in a folder of .sark, with a
 * project of the same name and a copy of the settings. The copy gets the line, and `--config-file` names it. A plain
 * `pulumi up` also works, and writes the line into the committed file. From then on the committed file itself is used,
 * as with `secretsprovider` and on Pulumi Cloud.
 */
export interface ProjectFiles {
  /** Folder to run `pulumi stack ...` in. */
  readonly stackFolder: string;
  /** Flags for preview, up and destroy. */
  readonly flags: readonly string[];
  /** Files that are deleted with the stack. */
  readonly own: readonly string[];
}

const PRIVATE = { mode: 0o600 };

/** Updates the copy of the settings, if one is needed. */
export function prepareProject(ref: StackRef, backend: Backend): ProjectFiles {
  const { root, stack } = ref;
  const settings = fs.readFileSync(path.join(root, `Pulumi.${stack}.yaml`), "utf8");
  if (isCloud(backend) || /^(encryptionsalt|encryptedkey|secretsprovider):/m.test(settings)) {
    return { stackFolder: root, flags: [], own: [] };
  }
  const folder = path.join(root, ".sark", "state", "pulumi-project");
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const copy = path.join(folder, `Pulumi.${stack}.yaml`);
  // The salt belongs to a state. If that was lost with its passphrase, a new stack needs a new salt.
  const salt = backend.own && !isKnownStack(ref) ? undefined : saltIn(copy);
  replaceFile(
    path.join(folder, "Pulumi.yaml"),
    `name: ${projectName(root)}\nruntime: nodejs\n`,
    PRIVATE,
  );
  replaceFile(copy, salt === undefined ? settings : `${settings.trimEnd()}\n${salt}\n`, PRIVATE);
  return { stackFolder: folder, flags: ["--config-file", copy], own: [copy] };
}

function saltIn(file: string): string | undefined {
  return /^encryptionsalt:.*$/m.exec(readIfThere(file) ?? "")?.[0];
}
