import * as fs from "node:fs";
import * as path from "node:path";
import {
  UserError,
  type Engine,
  type Plan,
  type Progress,
  type Result,
  type StackRef,
} from "./engine";
import { findBackend, isCloud, pulumiEnvironment, type Backend } from "./pulumi-environment";
import { EventReader } from "./pulumi-events";
import { awaitUnlocked } from "./pulumi-lock";
import {
  EVENT_LOG,
  InterruptedError,
  runPulumi,
  type PulumiRun,
  type RunOptions,
} from "./pulumi-process";
import { isKnownStack, prepareProject, type ProjectFiles } from "./pulumi-project";
import { explain, readPlan } from "./pulumi-words";
import { readOutputs } from "./stack-outputs";

/**
 * Drives the Pulumi CLI. Its processes are started here rather than by Pulumi's Automation API, which returns no plan
 * from a preview and starts the CLI four to six times for one command.
 */
export class PulumiEngine implements Engine {
  readonly name = "pulumi";
  readonly #command: string;

  /** @param command the CLI's file, or a name on the PATH */
  constructor(command: string) {
    this.#command = command;
  }

  async preview(ref: StackRef, progress: Progress): Promise<Plan> {
    const session = await this.#open(ref, progress);
    const run = await session.run(["preview", "--json", "--show-sames", "--event-log", EVENT_LOG]);
    const { resources } = readPlan(run, progress);
    const reader = new EventReader(SILENT);
    run.events.split("\n").forEach(reader.line);
    return {
      engine: this.name,
      stack: ref.stack,
      resources,
      outputs: reader.outputs,
      unchecked: [],
    };
  }

  async up(ref: StackRef, progress: Progress): Promise<Result> {
    const session = await this.#open(ref, progress);
    return this.#apply(session, ref, progress, [
      "up",
      "--yes",
      "--skip-preview",
      "--continue-on-error",
    ]);
  }

  async previewDestroy(ref: StackRef): Promise<Plan> {
    const empty: Plan = {
      engine: this.name,
      stack: ref.stack,
      resources: [],
      outputs: {},
      unchecked: [],
    };
    const session = this.#session(ref);
    if (!(await session.exists())) return empty;
    await session.unlocked(SILENT);
    const run = await session.run(["destroy", "--json", "--preview-only"]);
    return { ...empty, resources: readPlan(run, SILENT).resources };
  }

  async destroy(ref: StackRef, progress: Progress): Promise<Result> {
    const session = this.#session(ref);
    if (!(await session.exists())) {
      return {
        engine: this.name,
        stack: ref.stack,
        done: [],
        failed: [],
        skipped: [],
        outputs: {},
      };
    }
    await session.unlocked(progress);
    const copy = keepsServers(await this.outputs(ref)) ? await session.copyState() : undefined;
    const flags = ["destroy", "--yes", "--skip-preview", "--continue-on-error"];
    const result = await this.#apply(session, ref, progress, flags);
    if (result.failed.length === 0) await session.remove();
    if (copy !== undefined) {
      progress.message(
        "warning",
        `Servers stay behind. Keep ${copy}, the state that knows them: docs/kubernetes.md, "Leaving", says how it ` +
          "takes them up again.",
      );
    }
    return result;
  }

  async outputs(ref: StackRef): Promise<Readonly<Record<string, unknown>> | undefined> {
    const session = this.#session(ref);
    if (!(await session.exists())) return undefined;
    const run = await session.run(["stack", "output", "--json", "--show-secrets"], { plain: true });
    if (run.code !== 0) throw new UserError(explain(run, []));
    return JSON.parse(run.stdout) as Record<string, unknown>;
  }

  #session(ref: StackRef): Session {
    const backend = findBackend(ref.root, process.env);
    return new Session(this.#command, ref, backend);
  }

  async #open(ref: StackRef, progress: Progress): Promise<Session> {
    const session = this.#session(ref);
    await session.ensureStack();
    await session.unlocked(progress);
    return session;
  }

  async #apply(
    session: Session,
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
          "Interrupted. Waiting for the steps that have begun; once more to stop at once.",
        );
      },
    });
    if (run.interrupted) throw new InterruptedError("Interrupted; the next run goes on from here.");
    const result = reader.result(run.code === 0, explain(run, []));
    return { engine: this.name, stack: ref.stack, ...result, outputs: reader.outputs };
  }
}

/** Whether a server of the stack outlives it. */
function keepsServers(outputs: Readonly<Record<string, unknown>> | undefined): boolean {
  const servers = readOutputs(outputs)?.servers ?? {};
  return Object.values(servers).some(({ retained }) => retained === true);
}

type Listeners = Pick<RunOptions, "onLine" | "onInterrupt">;

/** One command's runs of the CLI on one stack. */
class Session {
  readonly #command: string;
  readonly #ref: StackRef;
  readonly #backend: Backend;
  readonly #env: NodeJS.ProcessEnv;
  readonly #files: ProjectFiles;

  constructor(command: string, ref: StackRef, backend: Backend) {
    this.#command = command;
    this.#ref = ref;
    this.#backend = backend;
    this.#env = pulumiEnvironment(ref, backend, process.env);
    this.#files = prepareProject(ref, backend);
  }

  /** @param options.plain a command that takes no settings, such as `stack output` */
  async run(
    args: readonly string[],
    options: Listeners & { readonly plain?: boolean } = {},
  ): Promise<PulumiRun> {
    const flags = options.plain === true ? [] : this.#files.flags;
    const all = [...args, "--stack", this.#ref.stack, ...flags];
    return this.#start(all, this.#ref.root, options);
  }

  async exists(): Promise<boolean> {
    if (this.#backend.own) return isKnownStack(this.#ref);
    const run = await this.#start(["stack", "ls", "--json"], this.#ref.root);
    if (run.code !== 0) throw new UserError(explain(run, []));
    const stacks = JSON.parse(run.stdout) as readonly { readonly name: string }[];
    return stacks.some(({ name }) => name.split("/").at(-1) === this.#ref.stack);
  }

  async ensureStack(): Promise<void> {
    if (this.#backend.own && isKnownStack(this.#ref)) return;
    const args = ["stack", "select", "--create", "--stack", this.#ref.stack];
    const run = await this.#start(args, this.#files.stackFolder);
    if (run.code !== 0) throw new UserError(explain(run, []));
  }

  async unlocked(progress: Progress): Promise<void> {
    if (this.#backend.own) await awaitUnlocked(this.#ref, progress);
  }

  /** Writes the state, its secrets encrypted as they are, to a file that nothing here deletes; returns its name. */
  async copyState(): Promise<string> {
    const time = new Date().toISOString().replace(/[-:]|\..*/g, "");
    const file = path.join(".sark", "state", `${this.#ref.stack}-${time}.json`);
    const where = path.join(this.#ref.root, file);
    fs.mkdirSync(path.dirname(where), { recursive: true });
    const run = await this.run(["stack", "export", "--file", where], { plain: true });
    if (run.code !== 0) throw new UserError(explain(run, []));
    return file;
  }

  /** Forgets the empty stack. Committed settings stay: only a copy of them may go with it. */
  async remove(): Promise<void> {
    const keep = this.#files.own.length === 0 ? ["--preserve-config"] : [];
    const backups = isCloud(this.#backend) ? [] : ["--remove-backups"];
    const args = ["stack", "rm", "--yes", "--stack", this.#ref.stack, ...backups, ...keep];
    const run = await this.#start(args, this.#files.stackFolder);
    if (run.code !== 0) throw new UserError(explain(run, []));
  }

  async #start(
    args: readonly string[],
    cwd: string,
    { onLine, onInterrupt }: Listeners = {},
  ): Promise<PulumiRun> {
    const run = await runPulumi(this.#command, args, {
      cwd,
      env: this.#env,
      spoolFolder: path.join(this.#ref.root, ".sark", "tmp"),
      ...(onLine && { onLine }),
      ...(onInterrupt && { onInterrupt }),
    });
    if (run.interrupted && onLine === undefined) throw new InterruptedError("Interrupted.");
    return run;
  }
}

const SILENT: Progress = {
  started: () => undefined,
  finished: () => undefined,
  failed: () => undefined,
  message: () => undefined,
};
