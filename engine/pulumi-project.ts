import * as fs from "node:fs";
import * as path from "node:path";
import { hasCode, readIfThere, replaceFile } from "../components/files";
import { UserError, type StackRef } from "./engine";
import { isCloud, ownStateFolder, type Backend } from "./pulumi-environment";

/*
 * With a passphrase, `pulumi stack init` and `pulumi up` write a line `encryptionsalt` into Pulumi.<stack>.yaml. That
 * file is committed, and the line would differ in each checkout. So the stack is made in a folder of .sark with a
 * project of the same name and a copy of the settings, which gets the line, and `--config-file` names that copy. A
 * plain `pulumi up` works as well, and writes the line into the committed file; from then on that file is used as it
 * is, as it is with `secretsprovider` and on Pulumi Cloud.
 */
export interface ProjectFiles {
  /** Folder to run `pulumi stack ...` in. */
  readonly stackFolder: string;
  /** Flags for preview, up and destroy. */
  readonly flags: readonly string[];
  /** Files that go when the stack is gone. */
  readonly own: readonly string[];
}

const PRIVATE = { mode: 0o600 };

/** Brings the copy of the settings up to date, if one is needed. */
export function prepareProject({ root, stack }: StackRef, backend: Backend): ProjectFiles {
  const settings = fs.readFileSync(path.join(root, `Pulumi.${stack}.yaml`), "utf8");
  if (isCloud(backend) || /^(encryptionsalt|encryptedkey|secretsprovider):/m.test(settings)) {
    return { stackFolder: root, flags: [], own: [] };
  }
  const folder = path.join(root, ".sark", "state", "pulumi-project");
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const copy = path.join(folder, `Pulumi.${stack}.yaml`);
  const salt = saltIn(copy);
  replaceFile(
    path.join(folder, "Pulumi.yaml"),
    `name: ${projectName(root)}\nruntime: nodejs\n`,
    PRIVATE,
  );
  replaceFile(copy, salt === undefined ? settings : `${settings.trimEnd()}\n${salt}\n`, PRIVATE);
  return { stackFolder: folder, flags: ["--config-file", copy], own: [copy] };
}

/** True when the stack is in our own backend, so that no CLI need be asked. */
export function isKnownStack({ root, stack }: StackRef): boolean {
  const folder = path.join(ownStateFolder(root), ".pulumi", "stacks", projectName(root));
  return fs.existsSync(path.join(folder, `${stack}.json`));
}

/**
 * True when the CLI has made something for this stack, and in our own backend. An interrupted first step counts: what
 * it began must be found again.
 */
export function hasPulumiResources({ root, stack }: StackRef): boolean {
  const folder = path.join(ownStateFolder(root), ".pulumi", "stacks", projectName(root));
  const file = path.join(folder, `${stack}.json`);
  const text = readState(file);
  if (text === undefined) return false;
  const latest = readCheckpoint(file, text).checkpoint?.latest;
  return (latest?.resources?.length ?? 0) + (latest?.pending_operations?.length ?? 0) > 0;
}

function readState(file: string): string | undefined {
  try {
    return readIfThere(file);
  } catch (error) {
    if (!hasCode(error, "EISDIR")) throw error;
    throw new UserError(
      `${file} is a folder, and the Pulumi CLI's state is a file of that name. Move the folder away, and copy ` +
        `${path.basename(file)}.bak beside it in its place.`,
    );
  }
}

interface Checkpoint {
  readonly checkpoint?: {
    readonly latest?: {
      readonly resources?: readonly unknown[];
      readonly pending_operations?: readonly unknown[];
    };
  };
}

function readCheckpoint(file: string, text: string): Checkpoint {
  try {
    return JSON.parse(text) as Checkpoint;
  } catch {
    throw new UserError(
      `The Pulumi CLI's state file ${file} is ${text.trim() === "" ? "empty" : "damaged (broken JSON)"}. ` +
        `Copy ${path.basename(file)}.bak beside it over it: the CLI keeps the state before the last change there.`,
    );
  }
}

/** The `name` in Pulumi.yaml. */
export function projectName(root: string): string {
  const text = fs.readFileSync(path.join(root, "Pulumi.yaml"), "utf8");
  const name = /^name:\s*["']?([\w.-]+)/m.exec(text)?.[1];
  if (name === undefined) throw new Error("Pulumi.yaml has no `name`.");
  return name;
}

function saltIn(file: string): string | undefined {
  return /^encryptionsalt:.*$/m.exec(readIfThere(file) ?? "")?.[0];
}
