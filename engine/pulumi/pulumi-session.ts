import * as fs from "node:fs";
import * as path from "node:path";
import type { Progress, StackRef } from "../engine";
import { isCloud, pulumiEnvironment, type Backend } from "./pulumi-environment";
import { awaitUnlocked } from "./pulumi-lock";
import { InterruptedError, runPulumi, type PulumiRun, type RunOptions } from "./pulumi-process";
import { prepareProject, type ProjectFiles } from "./pulumi-project";
import { isKnownStack } from "./pulumi-state";
import { runError } from "./pulumi-messages";

interface SessionOptions extends Pick<RunOptions, "onLine" | "onInterrupt"> {
  /** Set for a command without `--config-file`, such as `stack output`. */
  readonly plain?: boolean;
  /** Variables for the program, besides the user's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the CLI on one stack, for one command. */
export class PulumiSession {
  readonly #env: NodeJS.ProcessEnv;
  readonly #files: ProjectFiles;

  constructor(
    private readonly command: string,
    private readonly ref: StackRef,
    private readonly backend: Backend,
  ) {
    this.#env = pulumiEnvironment(ref, backend, process.env);
    this.#files = prepareProject(ref, backend);
  }

  async run(args: readonly string[], options: SessionOptions = {}): Promise<PulumiRun> {
    const flags = options.plain === true ? [] : this.#files.flags;
    const all = [...args, "--stack", this.ref.stack, ...flags];
    return this.#start(all, this.ref.root, options);
  }

  async exists(): Promise<boolean> {
    if (this.backend.own) return isKnownStack(this.ref);
    const run = await this.#start(["stack", "ls", "--json"], this.ref.root);
    if (run.code !== 0) throw runError(run);
    const stacks = JSON.parse(run.stdout) as readonly { readonly name: string }[];
    return stacks.some(({ name }) => name.split("/").at(-1) === this.ref.stack);
  }

  async ensureStack(): Promise<void> {
    if (this.backend.own && isKnownStack(this.ref)) return;
    const args = ["stack", "select", "--create", "--stack", this.ref.stack];
    const run = await this.#start(args, this.#files.stackFolder);
    if (run.code !== 0) throw runError(run);
  }

  async awaitUnlocked(progress: Progress): Promise<void> {
    if (this.backend.own) await awaitUnlocked(this.ref, progress);
  }

  /** Writes the state, with encrypted secrets, to a file that is never deleted automatically; returns its name. */
  async copyState(): Promise<string> {
    const time = new Date().toISOString().replace(/[-:]|\..*/g, "");
    const file = path.join(".sark", "state", `${this.ref.stack}-${time}.json`);
    const where = path.join(this.ref.root, file);
    fs.mkdirSync(path.dirname(where), { recursive: true });
    const run = await this.run(["stack", "export", "--file", where], { plain: true });
    if (run.code !== 0) throw runError(run);
    return file;
  }

  /** Removes the empty stack. Keeps committed settings, and deletes only the copy of them. */
  async remove(): Promise<void> {
    const keep = this.#files.own.length === 0 ? ["--preserve-config"] : [];
    const backups = isCloud(this.backend) ? [] : ["--remove-backups"];
    const args = ["stack", "rm", "--yes", "--stack", this.ref.stack, ...backups, ...keep];
    const run = await this.#start(args, this.#files.stackFolder);
    if (run.code !== 0) throw runError(run);
  }

  async #start(
    args: readonly string[],
    cwd: string,
    { onLine, onInterrupt, env = {} }: Omit<SessionOptions, "plain"> = {},
  ): Promise<PulumiRun> {
    const run = await runPulumi(this.command, args, {
      cwd,
      env: { ...this.#env, ...env },
      spoolFolder: path.join(this.ref.root, ".sark", "tmp"),
      ...(onLine && { onLine }),
      ...(onInterrupt && { onInterrupt }),
    });
    if (run.interrupted && onLine === undefined) throw new InterruptedError("Interrupted.");
    return run;
  }
}
