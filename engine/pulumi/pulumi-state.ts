import { DEFAULT_STACK } from "../names";
import * as fs from "node:fs";
import * as path from "node:path";
import { hasCode, ifThere, readIfThere } from "../../components/files/files";
import { UserError, type StackRef } from "../engine";

/* Reads the state that the Pulumi CLI keeps in this checkout, without the CLI. */

export function ownStateFolder(root: string): string {
  return path.join(root, ".sark", "state", "pulumi");
}

/** The `name` in Pulumi.yaml. */
export function projectName(root: string): string {
  const text = fs.readFileSync(path.join(root, "Pulumi.yaml"), "utf8");
  const name = /^name:\s*["']?([\w.-]+)/m.exec(text)?.[1];
  if (name === undefined) throw new Error("Pulumi.yaml has no `name`.");
  return name;
}

/** Whether the stack exists in our own backend; needs no CLI. */
export function isKnownStack(ref: StackRef): boolean {
  return fs.existsSync(stateFile(ref));
}

/** The passphrase that encrypts the secrets of the stack `local` in this backend. */
export function passphraseFile(root: string): string {
  return path.join(root, ".sark", "state", "pulumi-passphrase");
}

/**
 * Whether the CLI has created resources of this stack in our own backend. An interrupted first step counts, since its
 * resource must be found again.
 * @throws {UserError} if the state is lost, damaged or cannot be decrypted; says how to restore it
 */
export function hasPulumiResources(ref: StackRef): boolean {
  const file = stateFile(ref);
  const text = readState(ref, file);
  // The CLI deletes a stack's history with the stack, so a state that is missing beside a history was lost.
  if (text === undefined && newestCopy(ref)?.kind !== "history") return false;
  const size = text === undefined ? undefined : countIn(text);
  if (size === undefined) {
    throw new UserError(
      `The Pulumi CLI's state file ${file} ${faultOf(text)}. ${remedy(ref, file)}`,
    );
  }
  if (size > 0 && !canDecrypt(ref)) {
    throw new UserError(
      `The file ${passphraseFile(ref.root)} is missing, and the secrets in the state of stack ${ref.stack} are ` +
        `encrypted with it. Restore it from a backup of this checkout. Without one: ${startAgain(file, historyFolder(ref))}`,
    );
  }
  return size > 0;
}

function faultOf(text: string | undefined): string {
  if (text === undefined) return "is missing";
  return text.trim() === "" ? "is empty" : "is damaged (it does not hold a state)";
}

function canDecrypt({ root, stack }: StackRef): boolean {
  return stack !== DEFAULT_STACK || fs.existsSync(passphraseFile(root));
}

/** The instructions to restore a stack without a usable state. @param file the path of the state */
function remedy(ref: StackRef, file: string): string {
  const copy = newestCopy(ref);
  if (copy !== undefined) {
    const time = copy.time.toISOString().replace("T", " ").replace(/\..*/, " UTC");
    return `Copy ${copy.file} there: the CLI's own copy of the state, from ${time}.`;
  }
  if (ref.stack === DEFAULT_STACK) return `The CLI has no usable copy of it. ${startAgain(file)}`;
  return (
    "The CLI has no usable copy of it. Restore it from a backup of this checkout. Without one, import each object of " +
    "the stack with `pulumi import`, or delete it by hand."
  );
}

function startAgain(...files: readonly string[]): string {
  return (
    `Move ${files.join(" and ")} away, and run \`npm run up\`: the embedded engine adopts existing servers and data, and ` +
    "gives every login a new password."
  );
}

function stateFile({ root, stack }: StackRef): string {
  return path.join(ownStateFolder(root), ".pulumi", "stacks", projectName(root), `${stack}.json`);
}

function historyFolder({ root, stack }: StackRef): string {
  return path.join(ownStateFolder(root), ".pulumi", "history", projectName(root), stack);
}

function readState(ref: StackRef, file: string): string | undefined {
  try {
    return readIfThere(file);
  } catch (error) {
    if (!hasCode(error, "EISDIR")) throw error;
    throw new UserError(
      `${file} is a folder, but must be the Pulumi CLI's state file. Move the folder away. ${remedy(ref, file)}`,
    );
  }
}

interface Copy {
  readonly kind: "bak" | "history";
  readonly file: string;
  readonly time: Date;
}

/** The newest of the CLI's own copies that is a complete state with resources, and can be decrypted. */
function newestCopy(ref: StackRef): Copy | undefined {
  if (!canDecrypt(ref)) return undefined;
  const history = historyFolder(ref);
  const ends = (ifThere(() => fs.readdirSync(history)) ?? [])
    .filter((name) => name.endsWith(".checkpoint.json"))
    .map((name) => ({ kind: "history" as const, file: path.join(history, name) }));
  return [{ kind: "bak" as const, file: `${stateFile(ref)}.bak` }, ...ends]
    .flatMap(({ kind, file }) => {
      const found = ifThere(() => fs.statSync(file));
      return found?.isFile() === true ? [{ kind, file, time: found.mtime }] : [];
    })
    .sort((a, b) => b.time.getTime() - a.time.getTime())
    .find(({ file }) => (countIn(readIfThere(file) ?? "") ?? 0) > 0);
}

interface Checkpoint {
  readonly checkpoint?: {
    readonly latest?: {
      readonly resources?: readonly unknown[];
      readonly pending_operations?: readonly unknown[];
    };
  };
}

/** The number of resources and pending steps in a state; undefined if the text is not a state. */
function countIn(text: string): number | undefined {
  try {
    const { checkpoint } = JSON.parse(text) as Checkpoint;
    if (checkpoint === undefined) return undefined;
    const { resources, pending_operations: pending } = checkpoint.latest ?? {};
    return (resources?.length ?? 0) + (pending?.length ?? 0);
  } catch {
    return undefined;
  }
}
