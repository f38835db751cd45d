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
import { EngineCrash, type TimescaleEngine } from "./engine";
import { Exchange } from "./exchange";
import { EngineSession, readVerifiers, SessionRefused, type Startup } from "./session";
import { type Claim, SessionQueue } from "./session-queue";
import { completedCommands, fatal, ProtocolError, transactionStatus } from "./wire-protocol";

/** How long a client of the application waits for its turn, in milliseconds: as long as PgBouncer's own login. */
export const TURN_MILLISECONDS = 60_000;
/** How long a log-in may take, in milliseconds, and how many may be under way: beyond that the oldest is ended. */
const LOGIN_MILLISECONDS = 60_000;
const LOGINS = 64;
/** Commands after which roles may have other passwords. */
const CHANGES_ROLES = /^(?:CREATE|ALTER|DROP) ROLE$|^DO$|^CALL$/;

export interface ServerOptions {
  /** The one database that is served. */
  readonly database: string;
  /** Logins that come before the application, each with the seconds that it waits for its turn. */
  readonly patience: Readonly<Record<string, number>>;
  readonly log: (line: string) => void;
}

export class TimescaleSocketServer {
  readonly #servers: Server[] = [];
  readonly #queue = new SessionQueue();
  readonly #served = new Map<Socket, Promise<void>>();
  /** Connections whose client has not proved who it is, the oldest first. */
  readonly #unknown = new Set<Socket>();
  readonly #options: ServerOptions;
  #engine: Promise<TimescaleEngine> | undefined;
  #verifiers: ReadonlyMap<string, string> = new Map();

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** Takes the port, before the data is opened: the port is what keeps a second process away. */
  async listen(port: number): Promise<number> {
    const server = await this.#listenOn({ port, host: HOST });
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  /** Gives clients their engine; those who came earlier wait for it. */
  use(engine: Promise<TimescaleEngine>): void {
    this.#engine = engine.then(async (opened) => {
      this.#verifiers = await readVerifiers(opened);
      return opened;
    });
  }

  /** Sends all clients away and takes no more. */
  async close(): Promise<void> {
    for (const server of this.#servers) server.close();
    for (const socket of this.#served.keys()) {
      socket.write(fatal("57P01", "terminating connection due to administrator command"));
      socket.destroySoon();
    }
    // Until nothing uses the engine any more.
    await Promise.allSettled(this.#served.values());
  }

  async #listenOn(where: { readonly port: number; readonly host: string }): Promise<Server> {
    const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
      const served = this.#serve(socket).finally(() => this.#served.delete(socket));
      this.#served.set(socket, served);
    });
    this.#servers.push(server);
    server.listen(where);
    await once(server, "listening");
    return server;
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
      socket.destroySoon();
    }
  }

  async #logIn(
    client: ClientChannel,
  ): Promise<{ readonly startup: Startup; readonly verifier: string } | undefined> {
    const { socket } = client;
    const [oldest] = this.#unknown;
    if (this.#unknown.size >= LOGINS) oldest?.destroy();
    this.#unknown.add(socket);
    const timer = setTimeout(() => socket.destroy(), LOGIN_MILLISECONDS);
    try {
      const startup = await client.startup();
      if (startup === undefined) return undefined;
      await this.#engine;
      const user = startup.parameters.get("user") ?? "";
      const verifier = await authenticate(client, user, this.#verifiers);
      return verifier === undefined ? undefined : { startup, verifier };
    } finally {
      clearTimeout(timer);
      this.#unknown.delete(socket);
    }
  }

  async #session(client: ClientChannel, startup: Startup, verifier: string): Promise<void> {
    const { turn, release } = await this.#queue.take(this.#claim(client, startup), (reason) => {
      client.socket.write(fatal("57P01", `terminating connection: ${reason}`));
      client.socket.destroySoon();
    });
    try {
      const engine = await this.#engine;
      if (engine === undefined) return;
      const session = new EngineSession(engine, this.#options.database);
      try {
        await client.send(await session.begin(startup, verifier));
        turn.rests(false);
        const exchange = new Exchange(engine, client, {
          before: () => {
            turn.works();
          },
          after: async (reply) => {
            const status = transactionStatus(reply);
            turn.rests(status !== "I");
            if (status === "I" && completedCommands(reply).some((tag) => CHANGES_ROLES.test(tag))) {
              this.#verifiers = await readVerifiers(engine);
            }
          },
        });
        await exchange.run();
      } finally {
        await session.end();
        this.#verifiers = await readVerifiers(engine);
      }
    } finally {
      release();
    }
  }

  #claim({ socket }: ClientChannel, { parameters }: Startup): Claim {
    const user = parameters.get("user") ?? "";
    const program = parameters.get("application_name");
    const seconds = this.#options.patience[user];
    return {
      socket,
      name: printable(program ? `${user} (${program})` : user),
      patience: seconds === undefined ? TURN_MILLISECONDS : seconds * 1000,
      tool: seconds !== undefined,
    };
  }

  #explain(socket: Socket, error: unknown): void {
    const message = printable(error instanceof Error ? error.message : String(error));
    if (error instanceof SessionRefused) socket.write(fatal(error.code, message));
    else if (error instanceof ProtocolError) socket.write(fatal("08P01", message));
    else if (error instanceof EngineCrash) {
      this.#options.log(message);
      socket.write(fatal("57P02", "the server crashed and has recovered; committed rows are safe"));
    } else if (socket.writable) {
      this.#options.log(message);
      socket.write(fatal("XX000", message));
    }
  }
}

/** What a client sent, fit for a log and for another client's terminal. */
function printable(text: string): string {
  return text.slice(0, 200).replaceAll(/[^\x20-\x7e]/g, "?");
}
