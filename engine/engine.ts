/** The interface between the commands and the engines: the Pulumi CLI and the embedded engine. */

import type { Change } from "./wire-diff";

export type EngineName = "pulumi" | "embedded";

/** The planned operation on one resource. */
export type Operation = "create" | "update" | "replace" | "delete" | "same";

/** The project's folder and the stack's name. */
export interface StackRef {
  readonly root: string;
  readonly stack: string;
}

/** Pulumi's resource options that the engines support. Resources are URNs, in plain text. */
export interface PlannedOptions {
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  /** The resource whose deletion also deletes this one; empty for none. */
  readonly deletedWith: string;
  readonly deleteBeforeReplace: boolean;
  readonly ignoreChanges: readonly string[];
  readonly dependencies: readonly string[];
  /** The resources that an input depends on, by input name. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** URN of its provider resource; empty for a component, and for the package's default provider. */
  readonly provider: string;
  readonly parent: string;
  readonly aliases: readonly string[];
  /** Maximum seconds of a step; a missing one is the provider's default. */
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
  /** Paths with old and new values for display, secrets hidden. */
  readonly changes: readonly Change[];
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly options: PlannedOptions;
}

/** The result of a preview. `outputs` hides secrets in the same way as `inputs`. */
export interface Plan {
  readonly engine: EngineName;
  readonly stack: string;
  readonly resources: readonly PlannedResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Look-ups and checks that could not be made, a sentence each. */
  readonly unchecked: readonly string[];
  /** The engine's own plan, to restrict a run to this plan; secrets encrypted. Only on request. */
  readonly constraint?: unknown;
}

/** A resource that an `up` or `destroy` could not finish, or did not start because another failed. */
export interface Failure {
  readonly urn: string;
  readonly reason: string;
}

export interface Result {
  readonly engine: EngineName;
  readonly stack: string;
  /** `leftBehind` marks a resource that was deleted only from the stack, and still exists. */
  readonly done: readonly {
    readonly urn: string;
    readonly op: Operation;
    readonly leftBehind?: boolean;
  }[];
  readonly failed: readonly Failure[];
  readonly skipped: readonly Failure[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The last run that changed a stack, if it did not succeed. */
export interface FailedRun {
  readonly command: "up" | "destroy";
  readonly began: Date;
}

/** Receives the events of a run; the report decides how to show them. */
export interface Progress {
  started(urn: string, op: Operation): void;
  finished(urn: string, op: Operation, seconds: number): void;
  failed(urn: string, reason: string): void;
  message(severity: "info" | "warning" | "error", text: string): void;
}

/** An error for the user: only its message is shown, without a stack trace. The exit code is 1. */
export class UserError extends Error {
  override readonly name = "UserError";
  /** The full text for a log, if the message is a part of it. */
  readonly detail: string | undefined;

  constructor(message: string, options: ErrorOptions & { readonly detail?: string } = {}) {
    super(message, options);
    this.detail = options.detail;
  }
}

/** An invalid command line. The exit code is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The error for a drift check of a stack that does not exist yet. */
export function stackDoesNotExist({ stack }: StackRef): UserError {
  return new UserError(
    `Stack ${stack} does not exist yet, so it cannot have drifted. Create it first: npm run up -- --stack ${stack}`,
  );
}

export interface PreviewOptions {
  /** Reads the actual resources first, to detect drift. The stack must exist; its state is not changed. */
  readonly refresh?: boolean;
  /** Requests {@link Plan.constraint}. */
  readonly constraint?: boolean;
}

export interface Engine {
  readonly name: EngineName;
  /** Plans without changing anything. Throws {@link UserError} if the settings are wrong. */
  preview(ref: StackRef, progress: Progress, options?: PreviewOptions): Promise<Plan>;
  /**
   * Applies the changes that {@link preview} showed. A failed step does not throw: it is in the result.
   * @param constraint of a plan, to which the run is restricted
   */
  up(ref: StackRef, progress: Progress, constraint?: unknown): Promise<Result>;
  /** Plans {@link destroy}, in its order, without changing anything. */
  previewDestroy(ref: StackRef): Promise<Plan>;
  /** Deletes everything in reverse order of creation. Refuses if a resource is protected, before anything is deleted. */
  destroy(ref: StackRef, progress: Progress): Promise<Result>;
  /**
   * The stack's outputs with secrets in plain text, for `status` and `secret`; undefined if the stack does not exist. A
   * failed run keeps the previous values of the outputs that it did not produce.
   */
  outputs(ref: StackRef): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** The last run, if it did not succeed; it may also still be running. Undefined after a successful run. */
  failedRun(ref: StackRef): Promise<FailedRun | undefined>;
}
