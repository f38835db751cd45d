import type { UpdateSummary } from "@pulumi/pulumi/automation";
import {
  stackDoesNotExist,
  type Engine,
  type FailedRun,
  type Plan,
  type PreviewOptions,
  type Progress,
  type Result,
  type StackRef,
} from "../engine";
import { findBackend } from "./pulumi-environment";
import { EventReader } from "./pulumi-events";
import { lockedSince } from "./pulumi-lock";
import { whyNotEnforceable, PulumiPlanFile } from "./pulumi-plan";
import { EVENT_LOG, InterruptedError } from "./pulumi-process";
import { PulumiSession } from "./pulumi-session";
import { errorText, runError, readPlan } from "./pulumi-messages";
import { readOutputs } from "../read-outputs";

/**
 * The engine that runs the Pulumi CLI. It starts the CLI itself rather than with Pulumi's Automation API, which returns
 * no plan from a preview and starts the CLI four to six times for one command.
 */
export class PulumiEngine implements Engine {
  readonly name = "pulumi";

  /** @param command the CLI's file, or a name on the PATH */
  constructor(private readonly command: string) {}

  async preview(
    ref: StackRef,
    progress: Progress,
    { refresh = false, constraint = false }: PreviewOptions = {},
  ): Promise<Plan> {
    const session = await this.#open(ref, progress, !refresh);
    const file = constraint ? new PulumiPlanFile(ref) : undefined;
    try {
      const run = await session.run(
        [
          ...["preview", "--json", "--show-sames", "--event-log", EVENT_LOG],
          // With the program, since it keeps the relays to the databases open.
          ...(refresh ? ["--refresh", "--run-program"] : []),
          ...(file ? ["--save-plan", file.name] : []),
        ],
        refresh ? { env: { SARK_REFRESH: "true" } } : {},
      );
      const { resources } = readPlan(run, progress);
      const reader = new EventReader(SILENT);
      run.events.split("\n").forEach(reader.line);
      return {
        engine: this.name,
        stack: ref.stack,
        resources,
        outputs: reader.outputs,
        ...(file ? constraintOf(file.read()) : { unchecked: [] }),
      };
    } finally {
      file?.remove();
    }
  }

  async up(ref: StackRef, progress: Progress, constraint?: unknown): Promise<Result> {
    const session = await this.#open(ref, progress);
    const file = constraint === undefined ? undefined : new PulumiPlanFile(ref, constraint);
    try {
      return await this.#apply(session, ref, progress, [
        ...["up", "--yes", "--skip-preview", "--continue-on-error"],
        ...(file ? ["--plan", file.name] : []),
      ]);
    } finally {
      file?.remove();
    }
  }

  async previewDestroy(ref: StackRef): Promise<Plan> {
    const session = this.#session(ref);
    const exists = await session.exists();
    if (exists) await session.awaitUnlocked(SILENT);
    const resources = exists
      ? readPlan(await session.run(["destroy", "--json", "--preview-only"]), SILENT).resources
      : [];
    return { engine: this.name, stack: ref.stack, resources, outputs: {}, unchecked: [] };
  }

  async destroy(ref: StackRef, progress: Progress): Promise<Result> {
    const session = this.#session(ref);
    if (!(await session.exists())) {
      const nothing = { done: [], failed: [], skipped: [], outputs: {} };
      return { engine: this.name, stack: ref.stack, ...nothing };
    }
    await session.awaitUnlocked(progress);
    const copy = keepsServers(await this.outputs(ref)) ? await session.copyState() : undefined;
    const flags = ["destroy", "--yes", "--skip-preview", "--continue-on-error"];
    const result = await this.#apply(session, ref, progress, flags);
    if (result.failed.length === 0) await session.remove();
    if (copy !== undefined) {
      progress.message(
        "warning",
        `Servers were left behind. Keep their state, ${copy}: docs/kubernetes.md, "Leaving", explains how to adopt ` +
          "them again with it.",
      );
    }
    return result;
  }

  async outputs(ref: StackRef): Promise<Readonly<Record<string, unknown>> | undefined> {
    const session = this.#session(ref);
    if (!(await session.exists())) return undefined;
    const run = await session.run(["stack", "output", "--json", "--show-secrets"], { plain: true });
    if (run.code !== 0) throw runError(run);
    return JSON.parse(run.stdout) as Record<string, unknown>;
  }

  async failedRun(ref: StackRef): Promise<FailedRun | undefined> {
    const session = this.#session(ref);
    if (!(await session.exists())) return undefined;
    // A killed run has written no history, but left its lock.
    const began = lockedSince(ref);
    if (began !== undefined) return { command: "up", began };
    const args = ["stack", "history", "--json", "--page-size", "5", "--full-dates"];
    const run = await session.run(args, { plain: true });
    // Without a readable history, a failure is unknown.
    return run.code === 0 ? lastFailure(run.stdout) : undefined;
  }

  #session(ref: StackRef): PulumiSession {
    const backend = findBackend(ref.root, process.env);
    return new PulumiSession(this.command, ref, backend);
  }

  async #open(ref: StackRef, progress: Progress, create = true): Promise<PulumiSession> {
    const session = this.#session(ref);
    if (!create && !(await session.exists())) throw stackDoesNotExist(ref);
    await session.ensureStack();
    await session.awaitUnlocked(progress);
    return session;
  }

  async #apply(
    session: PulumiSession,
    ref: StackRef,
    progress: Progress,
    args: readonly string[],
  ): Promise<Result> {
    const reader = new EventReader(progress);
    const run = await session.run([...args, "--json"], {
      onLine: reader.line,
      onInterrupt: () => {
        progress.message(
          "warning",
          "Interrupted. Waiting for running steps to finish. Press Ctrl-C again to stop at once.",
        );
      },
    });
    if (run.interrupted)
      throw new InterruptedError("Interrupted. Run the command again; it resumes.");
    const result = reader.result(run.code === 0, errorText(run, []));
    return { engine: this.name, stack: ref.stack, ...result, outputs: reader.outputs };
  }
}

function constraintOf(plan: unknown): Pick<Plan, "constraint" | "unchecked"> {
  const why = whyNotEnforceable(plan);
  return why === undefined ? { constraint: plan, unchecked: [] } : { unchecked: [why] };
}

/** The last run that changed the stack, if it failed, from the output of `stack history --json`. */
function lastFailure(text: string): FailedRun | undefined {
  const entries = JSON.parse(text) as readonly UpdateSummary[];
  const last = entries.find(({ kind }) => kind === "update" || kind === "destroy");
  if (last === undefined || last.result === "succeeded") return undefined;
  const command = last.kind === "destroy" ? "destroy" : "up";
  return { command, began: new Date(last.startTime) };
}

/** Whether a server of the stack is kept after `destroy`. */
function keepsServers(outputs: Readonly<Record<string, unknown>> | undefined): boolean {
  const servers = readOutputs(outputs)?.servers ?? {};
  return Object.values(servers).some(({ retained }) => retained === true);
}

const SILENT: Progress = {
  started: () => undefined,
  finished: () => undefined,
  failed: () => undefined,
  message: () => undefined,
};
