/** A queue of clients for something that one of them can have at a time. */
import type { Socket } from "node:net";
import { SessionRefused } from "./timescale-session";

interface Waiter {
  readonly socket: Socket;
  readonly begin: () => void;
}

export class Turns {
  readonly #milliseconds: number;
  readonly #waiting: Waiter[] = [];
  #holder: string | undefined;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /**
   * Waits for the client's turn. A client that has gone is passed over.
   * @returns what ends the turn; the next one begins with it.
   * @throws SessionRefused after the queue's time, naming who holds the session.
   */
  async take(socket: Socket, name: string): Promise<() => void> {
    if (this.#holder !== undefined) await this.#wait(socket);
    this.#holder = name;
    return () => {
      this.#holder = undefined;
      const next = this.#waiting.shift();
      if (next === undefined) return;
      // Taken at once, or a client that comes in between would take it, too.
      this.#holder = "the next client";
      next.begin();
    };
  }

  async #wait(socket: Socket): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        const at = this.#waiting.indexOf(waiter);
        if (at >= 0) this.#waiting.splice(at, 1);
        settle();
        reject(new SessionRefused("08006", "the client has gone"));
      };
      const timer = setTimeout(() => {
        const at = this.#waiting.indexOf(waiter);
        if (at >= 0) this.#waiting.splice(at, 1);
        settle();
        reject(
          new SessionRefused(
            "53300",
            `the embedded server has one session, and "${this.#holder ?? ""}" kept it for ` +
              `${this.#milliseconds / 1000} s; end that connection`,
          ),
        );
      }, this.#milliseconds);
      const settle = (): void => {
        clearTimeout(timer);
        socket.off("close", leave);
      };
      const waiter: Waiter = {
        socket,
        begin: () => {
          settle();
          resolve();
        },
      };
      socket.once("close", leave);
      this.#waiting.push(waiter);
    });
  }
}
