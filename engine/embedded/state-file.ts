import * as fs from "node:fs";
import * as path from "node:path";
import { hasCode, readIfThere, replaceFile, writing } from "../../components/files/files";
import { quoted } from "../../components/text/printable";
import { UserError, type FailedRun, type StackRef } from "../engine";
import type { WireObject } from "../wire";
import type { Registration } from "./registration";

/** The fields of a registration that the state keeps. */
export type RegistrationRecord = Pick<
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

/** One resource in the state. */
export interface ResourceState extends RegistrationRecord {
  /** Distinguishes entries with the same URN: a resource and its replacement. */
  readonly serial: number;
  readonly id: string;
  readonly outputs: WireObject;
  /** An operation that was started when this was written. After a kill it may be done, half done or not started. */
  readonly pending?: "create" | "update" | "delete";
  /** Replaced by another entry with the same URN, and still to be deleted. */
  readonly condemned?: true;
}

export interface StateDocument {
  readonly version: 1;
  readonly project: string;
  readonly stack: string;
  /** The run that wrote this last, if it did not succeed: it failed, was stopped, or is still running. */
  readonly unfinished?: UnfinishedRun;
  readonly resources: readonly ResourceState[];
}

export interface UnfinishedRun {
  readonly command: FailedRun["command"];
  /** In ISO 8601. */
  readonly began: string;
}

const VERSION = 1;

export function stateFolder(root: string): string {
  return path.join(root, ".sark", "state", "embedded");
}

export function stateFileOf({ root, stack }: StackRef): string {
  return path.join(stateFolder(root), `${stack}.json`);
}

/** @returns undefined if the file does not exist */
export function readState(file: string, { stack }: StackRef): StateDocument | undefined {
  let text: string | undefined;
  try {
    text = readIfThere(file);
  } catch (error) {
    if (hasCode(error, "EISDIR")) {
      throw new UserError(
        `${file} is a folder, but must be the state file of stack ${stack}. Move the folder away. ${adoption(stack)}`,
      );
    }
    if (!hasCode(error, "EACCES")) throw error;
    throw new UserError(
      `The state file ${file} cannot be read: permission denied. Run the command as the user who created stack ${stack}.`,
    );
  }
  return text === undefined ? undefined : parse(file, text, stack);
}

/** Explains the next run without a state. */
function adoption(stack: string): string {
  return `Then run \`npm run up -- --stack ${stack}\`: it adopts existing servers and data.`;
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
      `The state file ${file} belongs to stack ${quoted(document.stack)}. Rename it back. ` +
        `If stack ${stack} has no state file then, its next \`up\` adopts existing servers and data.`,
    );
  }
  const version = isObject(document) ? document["version"] : undefined;
  throw new UserError(
    typeof version === "number" && version !== VERSION
      ? `The state file ${file} has version ${version}, and this checkout reads version ${VERSION}. ` +
          `Use the checkout that wrote it, or delete the file. ${adoption(stack)}`
      : `The state file ${file} does not hold a state. Delete it. ${adoption(stack)}`,
  );
}

/** Checks the outer structure. The rest is trusted, since only the engine writes this file. */
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

/** Writes the file atomically, or removes it if no resource is left. */
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
