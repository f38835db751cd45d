/**
 * Socket server of the embedded TimescaleDB. Clients authenticate by SCRAM, and then take turns, because the engine has
 * one session: the next client waits until the session of the one before has ended and is cleared.
 *
 * `PGLiteSocketServer` of the engine's makers is not used: it asks for no password, and keeps a session's settings,
 * roles and locks for the next client.
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { HOST } from "../processes/ports";
import { authenticate } from "./authentication";
import { ClientChannel } from "./client-channel";
import type { EngineProcess } from "./engine-process";
import { relayMessages } from "./message-relay";
import type { Startup } from "./client-session";
import { type SessionRequest, SessionQueue, type Turn } from "./session-queue";
import { fatal, SessionError } from "./wire-protocol";
import { shortened } from "../../../text/printable";

/** Milliseconds that a client of the application waits for the session: as long as PgBouncer's own log-in. */
const WAIT_MILLISECONDS = 60_000;
/** Timeout of a log-in in milliseconds, and the number of log-ins at one time: beyond that the oldest is ended. */
const LOGIN_MILLISECONDS = 60_000;
const MAX_LOGINS = 64;
/** Milliseconds that a statement continues after its client has disconnected. */
const ABANDONED_MILLISECONDS = 5000;
/** Maximum number of waiting clients: a multiple of what PgBouncer and a developer's tools need. */
const MAX_WAITING = 100;
/** Maximum characters of a client's text in the log, and of its name on another client's terminal. */
const MAX_TEXT = 400;
const MAX_NAME = 60;
/** Milliseconds for a client to read its last message before it is disconnected. */
const CLOSE_MILLISECONDS = 1000;

export interface ServerOptions {
  /** Logins with priority over the application, with the seconds that each waits for the session. */
  readonly patience: Readonly<Record<string, number>>;
  /** Keeps the answers for a role that does not exist the same in each attempt. */
  readonly secret: Buffer;
  readonly log: (line: string) => void;
}

export class TimescaleSocketServer {
  readonly #servers: Server[] = [];
  readonly #queue = new SessionQueue();
  readonly #served = new Map<Socket, Promise<void>>();
  /** Connections that are not authenticated yet, the oldest first. */
  readonly #unauthenticated = new Set<Socket>();
  #holder: Turn | undefined;
  #use: (engine: EngineProcess) => void = () => undefined;
  readonly #engine = new Promise<EngineProcess>((resolve) => {
    this.#use = resolve;
  });

  constructor(private readonly options: ServerOptions) {}

  /**
   * Accepts clients; they wait until the engine is open. Call it before the data is opened: the port keeps a second
   * process away.
   * @param where a port of this machine, or a Unix socket
   */
  async listen(where: { readonly port: number } | { readonly path: string }): Promise<void> {
    const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
      const served = this.#serve(socket).finally(() => this.#served.delete(socket));
      this.#served.set(socket, served);
    });
    this.#servers.push(server);
    server.listen("port" in where ? { ...where, host: HOST } : where);
    await once(server, "listening");
  }

  /** Sets the engine that the clients wait for. */
  setEngine(engine: EngineProcess): void {
    this.#use(engine);
  }

  /** Disconnects all clients and accepts no more. */
  async close(): Promise<void> {
    for (const server of this.#servers) server.close();
    for (const socket of this.#served.keys()) {
      disconnect(socket, fatal("57P01", "terminating connection due to administrator command"));
    }
    // Wait until nothing uses the engine.
    await Promise.allSettled(this.#served.values());
  }

  async #serve(socket: Socket): Promise<void> {
    // Without a listener a connection error would end the process; the code below sees the close.
    socket.on("error", () => undefined);
    const client = new ClientChannel(socket);
    try {
      const known = await this.#logIn(client);
      if (known !== undefined) await this.#session(client, known.startup, known.verifier);
    } catch (error) {
      this.#reportError(socket, error);
    } finally {
      disconnect(socket);
    }
  }

  async #logIn(
    client: ClientChannel,
  ): Promise<{ readonly startup: Startup; readonly verifier: string } | undefined> {
    const { socket } = client;
    const [oldest] = this.#unauthenticated;
    if (oldest !== undefined && this.#unauthenticated.size >= MAX_LOGINS) {
      oldest.destroy();
      this.#unauthenticated.delete(oldest);
    }
    this.#unauthenticated.add(socket);
    const timer = setTimeout(() => socket.destroy(), LOGIN_MILLISECONDS);
    try {
      const startup = await client.startup();
      if (startup === undefined) return undefined;
      const engine = await this.#engine;
      await engine.ready();
      const user = startup.parameters.get("user") ?? "";
      const verifier = await authenticate(client, user, engine.verifiers, this.options.secret);
      return verifier === undefined ? undefined : { startup, verifier };
    } finally {
      clearTimeout(timer);
      this.#unauthenticated.delete(socket);
    }
  }

  async #session(client: ClientChannel, startup: Startup, verifier: string): Promise<void> {
    const engine = await this.#engine;
    const { socket, disconnected } = client;
    if (this.#queue.waiting >= MAX_WAITING) {
      throw new SessionError(
        "53300",
        `too many clients: ${MAX_WAITING} are waiting for the session`,
      );
    }
    const { turn, release } = await this.#queue.take(this.#claim(client, startup), (reason) => {
      disconnect(socket, fatal("57P01", `terminating connection: ${reason}`));
      engine.interrupt("57P01", reason);
    });
    const abandoned = (): void => {
      setTimeout(() => {
        if (this.#holder === turn) engine.interrupt("08006", "its client has disconnected");
      }, ABANDONED_MILLISECONDS);
    };
    this.#holder = turn;
    disconnected.addEventListener("abort", abandoned);
    client.beginSession();
    try {
      if (disconnected.aborted) return;
      await client.send(await engine.begin(startup, verifier));
      turn.markIdle(false);
      await relayMessages(engine, client, turn);
    } finally {
      disconnected.removeEventListener("abort", abandoned);
      await engine.endSession().catch((error: unknown) => {
        this.#reportError(socket, error);
      });
      this.#holder = undefined;
      release();
    }
  }

  #claim({ socket }: ClientChannel, { parameters }: Startup): SessionRequest {
    const user = parameters.get("user") ?? "";
    const program = parameters.get("application_name");
    const seconds = this.options.patience[user];
    return {
      socket,
      name: shortened(program ? `${user} (${program})` : user, MAX_NAME),
      patience: seconds === undefined ? WAIT_MILLISECONDS : seconds * 1000,
      // Logins that make changes wait longer than read-only ones, and go first.
      rank: seconds ?? 0,
    };
  }

  #reportError(socket: Socket, error: unknown): void {
    const message = shortened(error instanceof Error ? error.message : String(error), MAX_TEXT);
    if (error instanceof SessionError) socket.write(fatal(error.code, message));
    else if (socket.writable) {
      this.options.log(message);
      socket.write(fatal("XX000", message));
    }
  }
}

/** Closes a connection once the client has read its data, or after a timeout. */
function disconnect(socket: Socket, last?: Buffer): void {
  if (last !== undefined) socket.write(last);
  socket.destroySoon();
  setTimeout(() => socket.destroy(), CLOSE_MILLISECONDS).unref();
}
