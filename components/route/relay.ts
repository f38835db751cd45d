import { once } from "node:events";
import type { Server, Socket } from "node:net";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { type ClientStart, readClientStart } from "./client-start";
import { createDialer, isTransient } from "./dialer";
import type { LoopbackPort } from "./loopback-port";
import { RouteError } from "./route-error";
import { ScramHandshake } from "./scram-handshake";
import type { RoutedConnection } from "./server-session";
import { ServerMessages, errorResponse } from "./server-messages";
import type { Target } from "./plan/targets";

/** Milliseconds in which transient failures are retried; clients wait for 60 seconds. */
const RETRY_PERIOD = 30_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5_000;

/** A client's Terminate message. */
const TERMINATE = Buffer.from([88, 0, 0, 0, 4]);

type Dial = ReturnType<typeof createDialer>;

export interface RelaySettings {
  /** Milliseconds in which transient failures are retried. */
  readonly patience?: number;
  /** Name of the server in messages until its address is known. */
  readonly name?: string;
}

/** Loopback port in front of one database server. Its sockets do not keep the process running. */
export class Relay {
  #name: string;
  readonly #dialer: Promise<Dial>;
  readonly #patience: number;
  readonly #clients = new Set<Socket>();
  readonly #server: Server;

  /**
   * @param listen - port to serve from now on
   * @param target - a promise when not yet known, such as the address of a server being created
   */
  constructor(
    listen: LoopbackPort,
    target: Target | Promise<Target>,
    { patience, name }: RelaySettings = {},
  ) {
    this.#server = listen.server;
    this.#name = name ?? ("server" in target ? target.server : "the server");
    this.#dialer = Promise.resolve(target).then((known) => {
      this.#name = known.server;
      return createDialer(known);
    });
    // A rejection is reported to each client that connects.
    this.#dialer.catch(() => undefined);
    this.#patience = patience ?? RETRY_PERIOD;
    this.#server.on("connection", (client) => void this.#serve(client));
  }

  /** Stops the relay and ends all sessions. */
  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(client: Socket): Promise<void> {
    client.unref();
    client.on("error", () => client.destroy());
    this.#clients.add(client);
    client.once("close", () => this.#clients.delete(client));

    const opening = await readClientStart(client);
    if (opening === undefined) {
      client.destroy();
      return;
    }
    try {
      join(client, opening, await this.#dial(), this.#name);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const text = `${this.#name} cannot be reached: ${reason}`;
      client.end(opening.cancels ? "" : errorResponse(text));
      client.resume();
    }
  }

  async #dial(): Promise<RoutedConnection<TLSSocket>> {
    const deadline = Date.now() + this.#patience;
    const dial = await this.#known();
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      try {
        return await dial();
      } catch (error) {
        if (!isTransient(error) || Date.now() + pause > deadline) throw error;
      }
      await sleep(pause, undefined, { ref: false });
    }
  }

  /** @throws RouteError when the server's address is not known in time */
  async #known(): Promise<Dial> {
    const late = sleep(this.#patience, undefined, { ref: false }).then(() => {
      throw new RouteError("its address is not known yet", true);
    });
    return Promise.race([this.#dialer, late]);
  }
}

/** Forwards data in both directions until both sides are done. */
function join(
  client: Socket,
  { message, cancels }: ClientStart,
  { connection: session, description }: RoutedConnection<TLSSocket>,
  server: string,
): void {
  const answers = cancels ? new PassThrough() : new ServerMessages(new ScramHandshake(server));
  let leaving = client.destroyed;
  let trouble = "it closed the connection";
  const end = (): void => {
    if (answers.writableEnded) return;
    if (leaving || answers instanceof PassThrough) answers.end();
    else answers.lose(`the session with ${server} was lost, ${description}: ${trouble}`);
  };

  client.on(
    "data",
    (data: Buffer) => (leaving = data.subarray(-TERMINATE.length).equals(TERMINATE)),
  );
  client.once("end", () => (leaving = true));
  client.once("close", () => session.destroy());
  session.once("error", (error: Error) => (trouble = error.message));
  session.once("end", end);
  session.once("close", () => {
    end();
    // Data of the client is discarded, but its end must be seen.
    client.resume();
  });

  // An unverified server receives nothing more from the client.
  answers.once("end", () => session.destroy());
  session.write(message);
  client.pipe(session);
  session.pipe(answers, { end: false });
  answers.pipe(client);
}
