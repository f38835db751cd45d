import * as fs from "node:fs";
import * as path from "node:path";
import { hasCode, readIfThere, replaceFile, writing } from "../../components/files/files";
import { quoted } from "../../components/text/printable";
import { UserError, type FailedRun, type StackRef } from "../engine";
import type { WireObject } from "../wire";
import type { Registration } from "./registration";

/** What is remembered of what the program said of a resource. */
export type Remembered = Pick<
  Registration,
  | "urn"
  | "type"
  | "custom"
  | "inputs"
  | "parent"
  | "provider"
  | "dependencies"
  | "propertyDependencies"
  | "protect"
  | "retainOnDelete"
  | "deletedWith"
>;

/** What is remembered of one resource. */
export interface ResourceState extends Remembered {
  /** Tells entries apart that have the same URN (one being replaced by the other). */
  readonly serial: number;
  readonly id: string;
  readonly outputs: WireObject;
  /** An operation that had begun when this was written: after a kill it may be done, half done or not begun. */
  readonly pending?: "create" | "update" | "delete";
  /** Replaced by another entry of the same URN, and still to be deleted. */
  readonly condemned?: true;
}

export interface StateDocument {
  readonly version: 1;
  readonly project: string;
  readonly stack: string;
  /** The run that wrote this last and has not succeeded: it failed, was stopped, or still runs. */
  readonly unfinished?: UnfinishedRun;
  readonly resources: readonly ResourceState[];
}

export interface UnfinishedRun {
  readonly command: FailedRun["command"];
  /** As in ISO 8601. */
  readonly began: string;
}

const VERSION = 1;

export function stateFolder(root: string): string {
  return path.join(root, ".sark", "state", "embedded");
}

export function fileOf({ root, stack }: StackRef): string {
  return path.join(stateFolder(root), `${stack}.json`);
}

/** @returns undefined when there is no such file */
export function readState(file: string, { stack }: StackRef): StateDocument | undefined {
  let text: string | undefined;
  try {
    text = readIfThere(file);
  } catch (error) {
    if (hasCode(error, "EISDIR")) {
      throw new UserError(
        `${file} is a folder, and the state of stack ${stack} is a file of that name. Move the folder away. ${adoption(stack)}`,
      );
    }
    if (!hasCode(error, "EACCES")) throw error;
    throw new UserError(
      `The state file ${file} cannot be read: permission denied. Run the command as the user who made stack ${stack}.`,
    );
  }
  return text === undefined ? undefined : parse(file, text, stack);
}

/** What a run without a state does. */
function adoption(stack: string): string {
  return `Then run \`npm run up -- --stack ${stack}\`: it adopts the servers and data that exist.`;
}

function parse(file: string, text: string, stack: string): StateDocument {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    const what = text.trim() === "" ? "empty" : "damaged (broken JSON)";
    throw new UserError(`The state file ${file} is ${what}. Delete it. ${adoption(stack)}`);
  }
  if (isDocument(document)) {
    if (document.stack === stack) return document;
    throw new UserError(
      `The state file ${file} is that of stack ${quoted(document.stack)}. Give it back its name. ` +
        `If stack ${stack} has no state file now, its next \`up\` adopts the servers and data that exist.`,
    );
  }
  const version = isObject(document) ? document["version"] : undefined;
  throw new UserError(
    typeof version === "number" && version !== VERSION
      ? `The state file ${file} has version ${version}, and this checkout reads version ${VERSION}. ` +
          `Use the checkout that wrote it; or delete the file. ${adoption(stack)}`
      : `The state file ${file} does not hold a state. Delete it. ${adoption(stack)}`,
  );
}

/** The engine alone writes this file, so its frame is checked and the rest is trusted. */
function isDocument(value: unknown): value is StateDocument {
  return (
    isObject(value) &&
    value["version"] === VERSION &&
    typeof value["project"] === "string" &&
    typeof value["stack"] === "string" &&
    Array.isArray(value["resources"]) &&
    value["resources"].every(
      (entry) => isObject(entry) && typeof entry["urn"] === "string" && isObject(entry["inputs"]),
    )
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Writes the file whole, or removes it when nothing is left; a reader never sees half of it. */
export function writeState(file: string, document: StateDocument): void {
  const folder = path.dirname(file);
  writing(file, () => {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    fs.chmodSync(folder, 0o700);
  });
  if (document.resources.length === 0) fs.rmSync(file, { force: true });
  else replaceFile(file, `${JSON.stringify(document, undefined, 1)}\n`, { mode: 0o600 });
  // Makes the rename itself durable.
  const handle = fs.openSync(folder, "r");
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
