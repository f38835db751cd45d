/**
 * The engine as the server in front of it has it: a process that is asked for one thing at a time, and ended when it
 * takes too long. The engine runs a statement to its end and hears nothing meanwhile, so ending it is the only way.
 * Another one takes its place, and recovers the data.
 */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { writePrivately } from "../processes/private-files";
import type { EngineReply, EngineRequest } from "./engine-program";
import type { EngineVersions } from "./server-facts";
import { engineFlags, type ProgramFiles } from "./sandbox";
import type { Startup } from "./client-session";
import { SessionError } from "./wire-protocol";

export interface EngineProcessOptions {
  readonly program: ProgramFiles;
  /** The server's folder. */
  readonly folder: string;
  readonly database: string;
  readonly log: (line: string) => void;
  /** Called when the data cannot be opened. */
  readonly failed: (why: Error) => void;
}

/** Milliseconds that what is not a client's statement may take: opening the data with its recovery, and all else. */
const OPENING = 120_000;
const OWN_WORK = 15_000;
const CLOSING = 12_000;

/** Names the engine's process, for who finds the server dead and its engine running. */
export function enginePidFile(folder: string): string {
  return join(folder, "engine.pid");
}

interface Pending {
  readonly request: EngineRequest;
  readonly resolve: (reply: EngineReply) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

export class EngineProcess {
  /** The engine's versions, once the data is open; rejected when that fails. */
  readonly versions: Promise<EngineVersions>;
  #child: ChildProcess;
  /** The present process's data is open. */
  #open: Promise<EngineReply>;
  #pending: Pending | undefined;
  /** Why the process is being ended. */
  #ending: SessionError | undefined;
  #closed = false;
  #verifiers: ReadonlyMap<string, string> = new Map();
  #statementTimeout = 0;

  constructor(private readonly options: EngineProcessOptions) {
    this.#child = this.#start();
    this.#open = this.#opening();
    this.versions = this.#open.then(({ versions }) => versions as EngineVersions);
  }

  /** Resolves when the engine takes requests. */
  async ready(): Promise<void> {
    await this.#open;
  }

  /** SCRAM verifiers of all roles that have one, by role. */
  get verifiers(): ReadonlyMap<string, string> {
    return this.#verifiers;
  }

  /** @returns the greeting. @throws SessionError when there is no session, or the engine ended */
  async begin(startup: Startup, verifier: string): Promise<Buffer> {
    await this.#open;
    return data(await this.#ask({ do: "begin", startup, verifier }, OWN_WORK));
  }

  /**
   * Passes one message of the client's on. It may take as long as the session's `statement_timeout` says.
   * @throws SessionError when the engine ended: committed rows are safe, the session is not
   */
  async execute(message: Buffer, file?: readonly Buffer[]): Promise<Buffer> {
    const request = { do: "execute", message, ...(file && { file }) } as const;
    return data(await this.#ask(request, this.#statementTimeout || undefined));
  }

  /** Leaves nothing of the session. An engine that was ended has nothing left. */
  async endSession(): Promise<void> {
    await this.#open;
    await this.#ask({ do: "end" }, OWN_WORK);
  }

  /** Ends the client's statement that runs, if one does, and the engine with it. */
  interrupt(code: string, reason: string): void {
    if (this.#pending?.request.do === "execute") this.#kill(new SessionError(code, reason));
  }

  /** Writes what the engine has to the disk and ends it; one that is busy is ended without. */
  async close(): Promise<void> {
    this.#closed = true;
    const ended = new Promise<void>((resolve) =>
      this.#child.once("exit", () => {
        resolve();
      }),
    );
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), CLOSING);
    await this.#open.then(() => this.#ask({ do: "close" }, undefined)).catch(() => undefined);
    this.#child.disconnect();
    await ended;
    clearTimeout(timer);
  }

  #start(): ChildProcess {
    const { program, folder, database } = this.options;
    const child = fork(program.script, [folder, "engine", database, program.package], {
      execArgv: engineFlags(program, folder),
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    child.on("message", (reply: EngineReply) => {
      this.#settle()?.resolve(reply);
    });
    child.on("error", (error) => {
      this.options.log(error.message);
    });
    child.once("exit", (code, signal) => {
      this.#gone(String(signal ?? code));
    });
    writePrivately(enginePidFile(folder), String(child.pid ?? ""), undefined);
    return child;
  }

  #opening(): Promise<EngineReply> {
    const opened = this.#ask({ do: "open" }, OPENING);
    // Told by whoever waits for it; nobody may.
    opened.catch(() => undefined);
    return opened;
  }

  async #ask(request: EngineRequest, milliseconds: number | undefined): Promise<EngineReply> {
    const reply = await new Promise<EngineReply>((resolve, reject) => {
      const timer =
        milliseconds === undefined
          ? undefined
          : setTimeout(() => {
              this.#late(request);
            }, milliseconds);
      this.#pending = { request, resolve, reject, timer };
      this.#child.send(request, (error) => {
        // Its end says the rest.
        if (error !== null) this.options.log(`the engine cannot be asked: ${error.message}`);
      });
    });
    this.#statementTimeout = reply.statementTimeout;
    if (reply.verifiers !== undefined) this.#verifiers = reply.verifiers;
    if (reply.refused !== undefined) {
      throw new SessionError(reply.refused.code, reply.refused.message);
    }
    return reply;
  }

  #settle(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    clearTimeout(pending?.timer);
    return pending;
  }

  #late(request: EngineRequest): void {
    this.#kill(
      request.do === "execute"
        ? new SessionError(
            "57014",
            "canceling statement due to statement timeout; the session ends with it",
          )
        : new SessionError("57P02", `the engine did not ${request.do} in time`),
    );
  }

  #kill(why: SessionError): void {
    this.#ending ??= why;
    this.#child.kill("SIGKILL");
  }

  #gone(how: string): void {
    const why =
      this.#ending ??
      new SessionError("57P02", "the engine ended and recovers; committed rows are safe");
    this.#ending = undefined;
    if (!this.#closed) this.options.log(`the engine's process ended (${how}): ${why.message}`);
    const pending = this.#settle();
    if (pending?.request.do === "open") this.options.failed(why);
    else if (!this.#closed) {
      this.#child = this.#start();
      this.#open = this.#opening();
    }
    pending?.reject(why);
  }
}

function data(reply: EngineReply): Buffer {
  return Buffer.from(reply.data ?? []);
}
