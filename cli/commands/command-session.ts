import { projectRoot } from "../../components/files/project-root";
import type { Engine, StackRef } from "../../engine/engine";
import type { StackCommand } from "./open-stack";
import { reserveStandardOutput, type StandardStreams } from "../report/standard-streams";
import { Terminal } from "../report/terminal";

/**
 * Runs commands with this process's streams and environment. A command's modules are loaded when it starts, so that
 * help and usage errors are fast.
 */
export class CommandSession {
  readonly root = projectRoot();
  /** The exit code of the last command. */
  code = 0;

  constructor(private readonly streams: StandardStreams) {}

  async finish(work: () => Promise<number>): Promise<void> {
    this.code = await work();
  }

  terminal({ json = false }: { readonly json?: boolean | undefined }): Terminal {
    if (json) reserveStandardOutput();
    return new Terminal({ json, stdin: process.stdin, ...this.streams, env: process.env });
  }

  async onStack(
    command: StackCommand,
    work: (engine: Engine, ref: StackRef, terminal: Terminal) => Promise<number>,
  ): Promise<void> {
    const terminal = this.terminal(command);
    const ref = { root: this.root, stack: command.stack };
    const { openStack } = await import("./open-stack.js");
    const engine = await openStack(ref, command, terminal);
    await this.finish(() => work(engine, ref, terminal));
  }
}
