import { quoted } from "../../components/text/printable";
import { UserError, type FailedRun, type StackRef } from "../engine";
import { ROOT_TYPE } from "../names";
import {
  stateFileOf,
  readState,
  writeState,
  type ResourceState,
  type StateDocument,
  type UnfinishedRun,
} from "./state-file";

/** A stack's state: one JSON file, written atomically after each step. */
export class State {
  readonly #file: string;
  readonly #frame: Pick<StateDocument, "version" | "project" | "stack">;
  #resources: ResourceState[];
  #unfinished: UnfinishedRun | undefined;
  /** Whether the file names an unfinished run. */
  #marked: boolean;
  #lost = false;

  private constructor(file: string, { resources, unfinished, ...frame }: StateDocument) {
    this.#file = file;
    this.#frame = frame;
    this.#resources = [...resources];
    this.#unfinished = unfinished;
    this.#marked = unfinished !== undefined;
  }

  /** @returns undefined if the stack was never brought up, or was destroyed. */
  static read(ref: StackRef): State | undefined {
    const file = stateFileOf(ref);
    const document = readState(file, ref);
    return document && new State(file, document);
  }

  static open(ref: StackRef, project: string): State {
    const existing = State.read(ref);
    if (existing === undefined) {
      return new State(stateFileOf(ref), { version: 1, project, stack: ref.stack, resources: [] });
    }
    if (existing.project !== project) {
      throw new UserError(
        `${existing.#file} belongs to the project ${quoted(existing.project)}, not to "${project}". ` +
          "The project's name is part of every resource's identity. Change it back, or destroy the stack first.",
      );
    }
    return existing;
  }

  /** A copy to plan on; it is never written. */
  planningCopy(): State {
    return new State("", { ...this.#frame, resources: this.#resources });
  }

  get project(): string {
    return this.#frame.project;
  }

  get unfinished(): FailedRun | undefined {
    if (this.#unfinished === undefined) return undefined;
    const { command, began } = this.#unfinished;
    return { command, began: new Date(began) };
  }

  /** Marks the run as unfinished in everything written from now on, until {@link end}. */
  begin(command: FailedRun["command"]): void {
    this.#unfinished = { command, began: new Date().toISOString() };
  }

  /** Removes the mark of {@link begin}: the run succeeded. */
  end(): void {
    this.#unfinished = undefined;
    if (this.#marked) this.save();
  }

  /** The entry of the stack itself, which holds the outputs. */
  get root(): ResourceState | undefined {
    return this.#resources.find(({ type }) => type === ROOT_TYPE);
  }

  get resources(): readonly ResourceState[] {
    return this.#resources;
  }

  /** The current resource with that URN; not a replaced one. */
  find(urn: string): ResourceState | undefined {
    return this.#resources.find((resource) => resource.urn === urn && !resource.condemned);
  }

  nextSerial(): number {
    return Math.max(0, ...this.#resources.map(({ serial }) => serial)) + 1;
  }

  /** Replaces the entry with the same serial, or appends a new one. */
  put(entry: ResourceState): void {
    const index = this.#resources.findIndex(({ serial }) => serial === entry.serial);
    if (index >= 0) this.#resources[index] = entry;
    else this.#resources.push(entry);
  }

  remove(entry: ResourceState): void {
    this.#resources = this.#resources.filter(({ serial }) => serial !== entry.serial);
  }

  /** Changes a resource's URN, in its own entry and in all references to it. */
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

  /** Whether a write failed: the file lacks all changes since. */
  get saveFailed(): boolean {
    return this.#lost;
  }

  /** Writes to disk, or removes the file if no resource is left. */
  save(): void {
    if (this.#file === "") return;
    this.#lost = true;
    writeState(this.#file, {
      ...this.#frame,
      ...(this.#unfinished && { unfinished: this.#unfinished }),
      resources: this.#resources,
    });
    this.#marked = this.#unfinished !== undefined;
    this.#lost = false;
  }
}
