import * as fs from "node:fs";
import * as path from "node:path";
import { UserError, type FailedRun, type StackRef } from "../engine";
import type { WireObject } from "../wire";
import { hasCode, readIfThere, replaceFile, writing } from "../../components/files/files";
import { quoted } from "../../components/text/printable";

/** What is remembered of one resource. */
export interface ResourceState {
  /** Tells entries apart that have the same URN (one being replaced by the other). */
  readonly serial: number;
  readonly urn: string;
  readonly type: string;
  /** False for components, which exist in the state alone. */
  readonly custom: boolean;
  readonly id: string;
  readonly inputs: WireObject;
  readonly outputs: WireObject;
  readonly parent: string;
  /** `urn::id` of the provider resource, or empty. */
  readonly provider: string;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deletedWith: string;
  /** An operation that had begun when this was written: after a kill it may be done, half done or not begun. */
  readonly pending?: "create" | "update" | "delete";
  /** Replaced by another entry of the same URN, and still to be deleted. */
  readonly condemned?: true;
}

interface StateDocument {
  readonly version: 1;
  readonly project: string;
  readonly stack: string;
  /** The run that wrote this last and has not succeeded: it failed, was stopped, or still runs. */
  readonly unfinished?: UnfinishedRun;
  readonly resources: readonly ResourceState[];
}

interface UnfinishedRun {
  readonly command: FailedRun["command"];
  /** As in ISO 8601. */
  readonly began: string;
}

const VERSION = 1;

export const ROOT_TYPE = "pulumi:pulumi:Stack";

export function stateFolder(root: string): string {
  return path.join(root, ".sark", "state", "embedded");
}

/** A stack's state: one JSON file, written whole after each step so that a reader never sees half of it. */
export class State {
  readonly #file: string;
  readonly #project: string;
  readonly #stack: string;
  #resources: ResourceState[];
  #unfinished: UnfinishedRun | undefined;
  /** Whether the file names an unfinished run. */
  #marked: boolean;
  #lost = false;

  private constructor(file: string, document: StateDocument) {
    this.#file = file;
    this.#project = document.project;
    this.#stack = document.stack;
    this.#resources = [...document.resources];
    this.#unfinished = document.unfinished;
    this.#marked = document.unfinished !== undefined;
  }

  /** @returns undefined when the stack has never been brought up, or was destroyed. */
  static read(ref: StackRef): State | undefined {
    const file = fileOf(ref);
    const text = read(file, ref);
    return text === undefined ? undefined : new State(file, parse(file, text, ref));
  }

  static open(ref: StackRef, project: string): State {
    const existing = State.read(ref);
    if (existing === undefined) {
      return new State(fileOf(ref), { version: 1, project, stack: ref.stack, resources: [] });
    }
    if (existing.#project !== project) {
      throw new UserError(
        `${existing.#file} belongs to the project ${quoted(existing.#project)}, not to "${project}". ` +
          "The name of a project is part of every resource's identity: change it back, or destroy the stack first.",
      );
    }
    return existing;
  }

  /** A copy to plan on; it is never written. */
  scratch(): State {
    return new State("", {
      version: 1,
      project: this.#project,
      stack: this.#stack,
      resources: this.#resources,
    });
  }

  get project(): string {
    return this.#project;
  }

  get unfinished(): FailedRun | undefined {
    if (this.#unfinished === undefined) return undefined;
    const { command, began } = this.#unfinished;
    return { command, began: new Date(began) };
  }

  /** From now on what is written names the run as unfinished, until {@link end}. */
  begin(command: FailedRun["command"]): void {
    this.#unfinished = { command, began: new Date().toISOString() };
  }

  /** The run has succeeded. */
  end(): void {
    this.#unfinished = undefined;
    if (this.#marked) this.save();
  }

  /** The entry of the stack itself, which holds its outputs. */
  get root(): ResourceState | undefined {
    return this.#resources.find(({ type }) => type === ROOT_TYPE);
  }

  get resources(): readonly ResourceState[] {
    return this.#resources;
  }

  /** The current resource of that name; not one that was replaced. */
  find(urn: string): ResourceState | undefined {
    return this.#resources.find((resource) => resource.urn === urn && !resource.condemned);
  }

  nextSerial(): number {
    return Math.max(0, ...this.#resources.map(({ serial }) => serial)) + 1;
  }

  /** Puts an entry in the place of the one with its serial, or at the end. */
  put(entry: ResourceState): void {
    const index = this.#resources.findIndex(({ serial }) => serial === entry.serial);
    if (index >= 0) this.#resources[index] = entry;
    else this.#resources.push(entry);
  }

  remove(entry: ResourceState): void {
    this.#resources = this.#resources.filter(({ serial }) => serial !== entry.serial);
  }

  /** Gives a resource its new name, in its own entry and wherever another entry refers to it. */
  rename(old: ResourceState, urn: string): ResourceState {
    const swap = (text: string): string => (text === old.urn ? urn : text);
    const swapReference = (text: string): string =>
      text.startsWith(`${old.urn}::`) ? urn + text.slice(old.urn.length) : text;
    this.#resources = this.#resources.map((resource) => ({
      ...resource,
      urn: swap(resource.urn),
      parent: swap(resource.parent),
      provider: swapReference(resource.provider),
      deletedWith: swap(resource.deletedWith),
      dependencies: resource.dependencies.map(swap),
      propertyDependencies: Object.fromEntries(
        Object.entries(resource.propertyDependencies).map(([key, urns]) => [key, urns.map(swap)]),
      ),
    }));
    const renamed = this.find(urn);
    if (renamed === undefined) throw new Error(`${old.urn} is not in the state`);
    return renamed;
  }

  /** Whether a write has failed: the file does not know what was made since. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Writes to disk, or removes the file when nothing is left. */
  save(): void {
    if (this.#file === "") return;
    this.#lost = true;
    const folder = path.dirname(this.#file);
    writing(this.#file, () => {
      fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
      fs.chmodSync(folder, 0o700);
    });
    if (this.#resources.length === 0) fs.rmSync(this.#file, { force: true });
    else replaceFile(this.#file, this.#render(), { mode: 0o600 });
    syncFolder(folder);
    this.#marked = this.#unfinished !== undefined;
    this.#lost = false;
  }

  #render(): string {
    const document: StateDocument = {
      version: 1,
      project: this.#project,
      stack: this.#stack,
      ...(this.#unfinished && { unfinished: this.#unfinished }),
      resources: this.#resources,
    };
    return `${JSON.stringify(document, undefined, 1)}\n`;
  }
}

function fileOf({ root, stack }: StackRef): string {
  return path.join(stateFolder(root), `${stack}.json`);
}

function read(file: string, { stack }: StackRef): string | undefined {
  try {
    return readIfThere(file);
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
}

/** What a run without a state does. */
function adoption(stack: string): string {
  return `Then run \`npm run up -- --stack ${stack}\`: it adopts the servers and data that exist.`;
}

function parse(file: string, text: string, { stack }: StackRef): StateDocument {
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

/** Makes the rename itself durable. */
function syncFolder(folder: string): void {
  const handle = fs.openSync(folder, "r");
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
