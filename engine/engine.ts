/**
 * The contract between the commands and the engine that carries them out: the Pulumi CLI or the embedded one.
 */

import type { Change } from "./wire-diff";

export type EngineName = "pulumi" | "embedded";

/** What a plan says will happen to one resource. */
export type Operation = "create" | "update" | "replace" | "delete" | "same";

/** Where a run happens: the project's folder and the stack's name. */
export interface StackRef {
  readonly root: string;
  readonly stack: string;
}

/** Pulumi's resource options, as far as the engine knows them; urns, in plain text. */
export interface PlannedOptions {
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  /** The resource whose deletion takes this one along, so that it needs no deletion of its own; empty for none. */
  readonly deletedWith: string;
  readonly deleteBeforeReplace: boolean;
  readonly ignoreChanges: readonly string[];
  readonly dependencies: readonly string[];
  /** Which resources an input is made from, by the input's name. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** Of the provider that makes it; empty for a component, and for the package's own one. */
  readonly provider: string;
  readonly parent: string;
  readonly aliases: readonly string[];
  /** Seconds that a step may take; what is left out is the provider's own. */
  readonly customTimeouts?: Timeouts;
}

export type Timeouts = Readonly<Partial<Record<"create" | "update" | "delete", number>>>;

/** One row of a plan. Every secret in `inputs` is the string `[secret]`, every value not yet known `[unknown]`. */
export interface PlannedResource {
  readonly urn: string;
  readonly type: string;
  readonly op: Operation;
  /** Paths of the inputs that differ, such as `parameters.reload.work_mem`. */
  readonly changedKeys: readonly string[];
  /** For a person: path, old and new value, secrets hidden. */
  readonly changes: readonly Change[];
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly options: PlannedOptions;
}

/** What a preview found. `outputs` hides secrets in the same way as `inputs`. */
export interface Plan {
  readonly engine: EngineName;
  readonly stack: string;
  readonly resources: readonly PlannedResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Look-ups and checks that could not be made, a sentence each. */
  readonly unchecked: readonly string[];
  /** What the engine needs to do this and nothing else, in its own words; secrets encrypted. On demand. */
  readonly constraint?: unknown;
}

/** A resource that an `up` or `destroy` could not finish, or did not start because of one that failed. */
export interface Failure {
  readonly urn: string;
  readonly reason: string;
}

export interface Result {
  readonly engine: EngineName;
  readonly stack: string;
  /** `leftBehind` marks a deletion from the stack alone: the resource stays where it is. */
  readonly done: readonly {
    readonly urn: string;
    readonly op: Operation;
    readonly leftBehind?: boolean;
  }[];
  readonly failed: readonly Failure[];
  readonly skipped: readonly Failure[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The last run that changed a stack, where it did not succeed. */
export interface FailedRun {
  readonly command: "up" | "destroy";
  readonly began: Date;
}

/** Receives what happens while it happens; the report decides how to show it. */
export interface Progress {
  started(urn: string, op: Operation): void;
  finished(urn: string, op: Operation, seconds: number): void;
  failed(urn: string, reason: string): void;
  message(severity: "info" | "warning" | "error", text: string): void;
}

/** A mistake of the user's: shown as its message alone, without a stack trace; the exit code is 1. */
export class UserError extends Error {
  override readonly name = "UserError";
  /** The whole text that the message was taken from, for a log; unset where it is the message. */
  readonly detail: string | undefined;

  constructor(message: string, options: ErrorOptions & { readonly detail?: string } = {}) {
    super(message, options);
    this.detail = options.detail;
  }
}

/** A command line that is not understood; the exit code is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A question about a stack that has nothing yet. */
export function notMade({ stack }: StackRef): UserError {
  return new UserError(
    `Stack ${stack} has not been made yet, so nothing can differ from it. Make it first: npm run up -- --stack ${stack}`,
  );
}

export interface PreviewOptions {
  /** Looks first at what there really is. The stack must exist, and stays as it is. */
  readonly refresh?: boolean;
  /** Asks for {@link Plan.constraint}. */
  readonly constraint?: boolean;
}

export interface Engine {
  readonly name: EngineName;
  /** Plans without changing anything. Throws {@link UserError} when the settings are wrong. */
  preview(ref: StackRef, progress: Progress, options?: PreviewOptions): Promise<Plan>;
  /**
   * Carries out what {@link preview} showed. A failed step does not throw: it is in the result.
   * @param constraint of a plan, which the run must not go beyond
   */
  up(ref: StackRef, progress: Progress, constraint?: unknown): Promise<Result>;
  /** What {@link destroy} would delete, in its order; nothing is changed. */
  previewDestroy(ref: StackRef): Promise<Plan>;
  /** Deletes everything in reverse order of creation. Protected resources make it refuse before anything is deleted. */
  destroy(ref: StackRef, progress: Progress): Promise<Result>;
  /**
   * The stack's outputs with secrets in plain text, for `status` and `secret`; undefined when there is no such stack.
   * A failed run leaves those that it did not bring as they were.
   */
  outputs(ref: StackRef): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Undefined after a run that succeeded. It may also still run. */
  failedRun(ref: StackRef): Promise<FailedRun | undefined>;
}
