/**
 * Runs the engine in a process that handles one request at a time, and kills it when it takes too long. The engine does
 * not react to anything within a statement, so killing it is the only way to stop one. A new process then recovers the
 * data.
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

/**
 * Timeouts in milliseconds of requests that are no client statements: opening the data with its recovery, closing it,
 * and all others.
 */
const OPENING = 120_000;
const OWN_WORK = 15_000;
const CLOSING = 12_000;

/** File with the process id of the engine, by which it is found after its server was killed. */
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
  /** Resolves when the current process has opened the data. */
  #open: Promise<EngineReply>;
  #pending: Pending | undefined;
  /** Why the process is being ended. */
  #ending: SessionError | undefined;
  #closed = false;
  #verifiers: ReadonlyMap<string, string> = new Map();
  #statementTimeout = 0;

  constructor(private readonly options: EngineProcessOptions) {
    this.#child = this.#start();
    this.#open = this.#openData();
    this.versions = this.#open.then(({ versions }) => versions as EngineVersions);
  }

  /** Resolves when the engine accepts requests. */
  async ready(): Promise<void> {
    await this.#open;
  }

  /** SCRAM verifiers of all roles that have one, by role. */
  get verifiers(): ReadonlyMap<string, string> {
    return this.#verifiers;
  }

  /** @returns the greeting. @throws SessionError if the session is refused, or the engine ended */
  async begin(startup: Startup, verifier: string): Promise<Buffer> {
    await this.#open;
    return data(await this.#request({ do: "begin", startup, verifier }, OWN_WORK));
  }

  /**
   * Forwards one message of the client. It may take as long as the session's `statement_timeout` says.
   * @throws SessionError if the engine ended: committed rows are safe, the session is lost
   */
  async execute(message: Buffer, file?: readonly Buffer[]): Promise<Buffer> {
    const request = { do: "execute", message, ...(file && { file }) } as const;
    return data(await this.#request(request, this.#statementTimeout || undefined));
  }

  /** Clears the session. A new engine has nothing to clear. */
  async endSession(): Promise<void> {
    await this.#open;
    await this.#request({ do: "end" }, OWN_WORK);
  }

  /** Kills the engine if it runs a client's statement. */
  interrupt(code: string, reason: string): void {
    if (this.#pending?.request.do === "execute") this.#kill(new SessionError(code, reason));
  }

  /** Writes the engine's data to the disk and ends it. A busy engine is killed without writing. */
  async close(): Promise<void> {
    this.#closed = true;
    const ended = new Promise<void>((resolve) =>
      this.#child.once("exit", () => {
        resolve();
      }),
    );
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), CLOSING);
    await this.#open.then(() => this.#request({ do: "close" }, undefined)).catch(() => undefined);
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
      this.#takePending()?.resolve(reply);
    });
    child.on("error", (error) => {
      this.options.log(error.message);
    });
    child.once("exit", (code, signal) => {
      this.#onExit(String(signal ?? code));
    });
    writePrivately(enginePidFile(folder), String(child.pid ?? ""), undefined);
    return child;
  }

  #openData(): Promise<EngineReply> {
    const opened = this.#request({ do: "open" }, OPENING);
    // Callers that wait for it report the error; there may be none.
    opened.catch(() => undefined);
    return opened;
  }

  async #request(request: EngineRequest, milliseconds: number | undefined): Promise<EngineReply> {
    const reply = await new Promise<EngineReply>((resolve, reject) => {
      const timer =
        milliseconds === undefined
          ? undefined
          : setTimeout(() => {
              this.#onTimeout(request);
            }, milliseconds);
      this.#pending = { request, resolve, reject, timer };
      this.#child.send(request, (error) => {
        // The exit of the process has the cause.
        if (error !== null)
          this.options.log(`cannot send a request to the engine: ${error.message}`);
      });
    });
    this.#statementTimeout = reply.statementTimeout;
    if (reply.verifiers !== undefined) this.#verifiers = reply.verifiers;
    if (reply.refused !== undefined) {
      throw new SessionError(reply.refused.code, reply.refused.message);
    }
    return reply;
  }

  #takePending(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    clearTimeout(pending?.timer);
    return pending;
  }

  #onTimeout(request: EngineRequest): void {
    this.#kill(
      request.do === "execute"
        ? new SessionError(
            "57014",
            "canceling statement due to statement timeout; the session is closed",
          )
        : new SessionError("57P02", `the engine timed out (request: ${request.do})`),
    );
  }

  #kill(why: SessionError): void {
    this.#ending ??= why;
    this.#child.kill("SIGKILL");
  }

  #onExit(how: string): void {
    const why =
      this.#ending ??
      new SessionError("57P02", "the engine exited and is recovering; committed rows are safe");
    this.#ending = undefined;
    if (!this.#closed) this.options.log(`the engine's process ended (${how}): ${why.message}`);
    const pending = this.#takePending();
    if (pending?.request.do === "open") this.options.failed(why);
    else if (!this.#closed) {
      this.#child = this.#start();
      this.#open = this.#openData();
    }
    pending?.reject(why);
  }
}

function data(reply: EngineReply): Buffer {
  return Buffer.from(reply.data ?? []);
}
