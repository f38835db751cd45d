/**
 * A socket in front of the embedded TimescaleDB. Clients prove their password by SCRAM; then, as the engine has one
 * session, they take turns: the next one waits until the one before has gone and nothing of it is left.
 *
 * `PGLiteSocketServer` of the engine's own makers is not used: it asks for no password, and keeps a session's settings,
 * roles and locks for the next client.
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { HOST } from "../processes/ports";
import { authenticate } from "./authentication";
import { ClientChannel } from "./client-channel";
import type { EngineProcess } from "./engine-process";
import { exchange } from "./exchange";
import type { Startup } from "./client-session";
import { type Claim, SessionQueue, type Turn } from "./session-queue";
import { fatal, SessionError } from "./wire-protocol";
import { shortened } from "../../../text/printable";

/** How long a client of the application waits for its turn, in milliseconds: as long as PgBouncer's own login. */
const TURN_MILLISECONDS = 60_000;
/** How long a log-in may take, in milliseconds, and how many may be under way: beyond that the oldest is ended. */
const LOGIN_MILLISECONDS = 60_000;
const LOGINS = 64;
/** Milliseconds that a statement goes on for whose client has gone. */
const ABANDONED_MILLISECONDS = 5000;
/** Clients that wait for their turn: as many as PgBouncer and a developer's tools come to, many times over. */
const WAITING = 100;
/** What a client sent, in a log and on another client's terminal; in characters. */
const LONGEST = 400;
const LONGEST_NAME = 60;
/** Milliseconds for a client to take its last message. One that reads nothing is cut off. */
const FAREWELL = 1000;

export interface ServerOptions {
  /** Logins that come before the application, each with the seconds that it waits for its turn. */
  readonly patience: Readonly<Record<string, number>>;
  /** Makes the answers about roles that do not exist alike. */
  readonly secret: Buffer;
  readonly log: (line: string) => void;
}

export class TimescaleSocketServer {
  readonly #servers: Server[] = [];
  readonly #queue = new SessionQueue();
  readonly #served = new Map<Socket, Promise<void>>();
  /** Connections whose client has not proved who it is, the oldest first. */
  readonly #unknown = new Set<Socket>();
  #holder: Turn | undefined;
  #use: (engine: EngineProcess) => void = () => undefined;
  readonly #engine = new Promise<EngineProcess>((resolve) => {
    this.#use = resolve;
  });

  constructor(private readonly options: ServerOptions) {}

  /**
   * Takes clients; they wait until the engine is open. The port has to be taken before the data is opened: it is what
   * keeps a second process away.
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

  /** Gives clients their engine. */
  use(engine: EngineProcess): void {
    this.#use(engine);
  }

  /** Sends all clients away and takes no more. */
  async close(): Promise<void> {
    for (const server of this.#servers) server.close();
    for (const socket of this.#served.keys()) {
      dismiss(socket, fatal("57P01", "terminating connection due to administrator command"));
    }
    // Until nothing uses the engine any more.
    await Promise.allSettled(this.#served.values());
  }

  async #serve(socket: Socket): Promise<void> {
    // Without a listener an abrupt end would end the process; the loop below sees the close.
    socket.on("error", () => undefined);
    const client = new ClientChannel(socket);
    try {
      const known = await this.#logIn(client);
      if (known !== undefined) await this.#session(client, known.startup, known.verifier);
    } catch (error) {
      this.#explain(socket, error);
    } finally {
      dismiss(socket);
    }
  }

  async #logIn(
    client: ClientChannel,
  ): Promise<{ readonly startup: Startup; readonly verifier: string } | undefined> {
    const { socket } = client;
    const [oldest] = this.#unknown;
    if (oldest !== undefined && this.#unknown.size >= LOGINS) {
      oldest.destroy();
      this.#unknown.delete(oldest);
    }
    this.#unknown.add(socket);
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
      this.#unknown.delete(socket);
    }
  }

  async #session(client: ClientChannel, startup: Startup, verifier: string): Promise<void> {
    const engine = await this.#engine;
    const { socket, gone } = client;
    if (this.#queue.waiting >= WAITING) {
      throw new SessionError("53300", `sorry, ${WAITING} clients wait already`);
    }
    const { turn, release } = await this.#queue.take(this.#claim(client, startup), (reason) => {
      dismiss(socket, fatal("57P01", `terminating connection: ${reason}`));
      engine.interrupt("57P01", reason);
    });
    const abandoned = (): void => {
      setTimeout(() => {
        if (this.#holder === turn) engine.interrupt("08006", "its client has gone");
      }, ABANDONED_MILLISECONDS);
    };
    this.#holder = turn;
    gone.addEventListener("abort", abandoned);
    client.beginSession();
    try {
      if (gone.aborted) return;
      await client.send(await engine.begin(startup, verifier));
      turn.rests(false);
      await exchange(engine, client, turn);
    } finally {
      gone.removeEventListener("abort", abandoned);
      await engine.endSession().catch((error: unknown) => {
        this.#explain(socket, error);
      });
      this.#holder = undefined;
      release();
    }
  }

  #claim({ socket }: ClientChannel, { parameters }: Startup): Claim {
    const user = parameters.get("user") ?? "";
    const program = parameters.get("application_name");
    const seconds = this.options.patience[user];
    return {
      socket,
      name: shortened(program ? `${user} (${program})` : user, LONGEST_NAME),
      patience: seconds === undefined ? TURN_MILLISECONDS : seconds * 1000,
      // Who changes something waits longer than who looks, and comes before them.
      rank: seconds ?? 0,
    };
  }

  #explain(socket: Socket, error: unknown): void {
    const message = shortened(error instanceof Error ? error.message : String(error), LONGEST);
    if (error instanceof SessionError) socket.write(fatal(error.code, message));
    else if (socket.writable) {
      this.options.log(message);
      socket.write(fatal("XX000", message));
    }
  }
}

/** Ends a connection once the client has what was written to it, or has not taken it in time. */
function dismiss(socket: Socket, last?: Buffer): void {
  if (last !== undefined) socket.write(last);
  socket.destroySoon();
  setTimeout(() => socket.destroy(), FAREWELL).unref();
}
