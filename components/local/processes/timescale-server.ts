/**
 * A socket in front of the embedded TimescaleDB. The engine has one session, so clients take
 * turns: the next one waits until the one before has gone and nothing of it is left.
 *
 * `PGLiteSocketServer` of the engine's own makers is not used: it hands packets on as they come,
 * though a message may be cut anywhere; it keeps every reply in memory; a client that is gone
 * before its turn blocks all that follow, or ends the process; and `COPY FROM STDIN` ends it too.
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { HOST } from "./ports";
import { Exchange, send } from "./timescale-exchange";
import { EngineCrash, type TimescaleEngine } from "./timescale-engine";
import {
  adoptRole,
  applyServerDefaults,
  beginSession,
  resetSession,
  SessionRefused,
  type Startup,
} from "./timescale-session";
import { Turns } from "./turns";
import { fatal, MessageReader, ProtocolError } from "./wire-protocol";

/** How long a client waits for its turn, in milliseconds: as long as PgBouncer's own login. */
export const TURN_MILLISECONDS = 60_000;

export class TimescaleSocketServer {
  readonly #server: Server;
  readonly #turns: Turns;
  readonly #served = new Map<Socket, Promise<void>>();
  readonly #database: string;
  #engine: Promise<TimescaleEngine> | undefined;
  readonly #log: (line: string) => void;

  constructor(
    database: string,
    log: (line: string) => void,
    turnMilliseconds: number = TURN_MILLISECONDS,
  ) {
    this.#database = database;
    this.#log = log;
    this.#turns = new Turns(turnMilliseconds);
    this.#server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
      const served = this.#serve(socket).finally(() => this.#served.delete(socket));
      this.#served.set(socket, served);
    });
  }

  /** Takes the port, before the data is opened: the port is what keeps a second process away. */
  async listen(port: number): Promise<number> {
    this.#server.listen(port, HOST);
    await once(this.#server, "listening");
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  /** Gives clients their engine; those who came earlier wait for it. */
  use(engine: Promise<TimescaleEngine>): void {
    this.#engine = engine;
  }

  /** Sends all clients away and takes no more. */
  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#served.keys()) {
      socket.write(fatal("57P01", "terminating connection due to administrator command"));
      socket.destroySoon();
    }
    // Until nothing uses the engine any more.
    await Promise.allSettled(this.#served.values());
  }

  async #serve(socket: Socket): Promise<void> {
    // Without a listener an abrupt end would end the process; the loop below sees the close.
    socket.on("error", () => undefined);
    try {
      const reader = new MessageReader();
      const pieces = packets(socket);
      const startup = await this.#opening(socket, reader, pieces);
      if (startup !== undefined) await this.#session(socket, reader, pieces, startup);
    } catch (error) {
      this.#explain(socket, error);
    } finally {
      socket.destroySoon();
    }
  }

  /** Answers requests for encryption with no, until the session is asked for. */
  async #opening(
    socket: Socket,
    reader: MessageReader,
    pieces: AsyncIterator<Buffer>,
  ): Promise<Startup | undefined> {
    for (;;) {
      const opening = reader.opening();
      if (opening?.kind === "startup") return opening;
      if (opening?.kind === "cancel") return undefined;
      if (opening?.kind === "encryption") {
        socket.write("N");
        continue;
      }
      const piece = await pieces.next();
      if (piece.done === true) return undefined;
      reader.push(piece.value);
    }
  }

  async #session(
    socket: Socket,
    reader: MessageReader,
    pieces: AsyncIterator<Buffer>,
    startup: Startup,
  ): Promise<void> {
    const user = startup.parameters.get("user") ?? "";
    const application = startup.parameters.get("application_name") ?? "";
    const release = await this.#turns.take(socket, `${user} ${application}`.trim());
    try {
      const engine = await this.#engine;
      if (engine === undefined) return;
      try {
        await send(socket, await beginSession(engine, this.#database, startup));
        await new Exchange(engine, socket, reader, pieces, async (commands) => {
          if (commands.includes("DISCARD ALL")) await adoptRole(engine, this.#database, user);
          else if (commands.includes("RESET")) await applyServerDefaults(engine);
        }).run();
      } finally {
        await resetSession(engine);
      }
    } finally {
      release();
    }
  }

  #explain(socket: Socket, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof SessionRefused) socket.write(fatal(error.code, message));
    else if (error instanceof ProtocolError) socket.write(fatal("08P01", message));
    else if (error instanceof EngineCrash) {
      this.#log(message);
      socket.write(fatal("57P02", "the server crashed and has recovered; committed rows are safe"));
    } else if (socket.writable) {
      this.#log(message);
      socket.write(fatal("XX000", message));
    }
  }
}

function packets(socket: Socket): AsyncIterator<Buffer> {
  // Typed as any by Node, since an encoding would make them strings; none is set.
  return socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
}
