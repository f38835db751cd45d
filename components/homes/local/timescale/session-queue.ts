/** Queue for the one session of the embedded server. */
import type { Socket } from "node:net";
import { SessionError } from "./wire-protocol";

/** A client that wants the session. */
export interface SessionRequest {
  readonly socket: Socket;
  /** Login and program, fit to print. */
  readonly name: string;
  /** How long it waits for the session, in milliseconds. */
  readonly patience: number;
  /** Priority: 0 for the application. Clients of a higher rank go first, and end the sessions of lower ones. */
  readonly rank: number;
}

/** The client that has the session. */
export class Turn {
  readonly #began = Date.now();
  /** Its current state, and since when. */
  #state: State = "running a statement";
  #since = Date.now();
  #ended = false;

  /** @param end disconnects the client, with the reason */
  constructor(
    readonly claim: SessionRequest,
    private readonly end: (reason: string) => void,
  ) {}

  /** Marks the client as running a statement. */
  markRunning(): void {
    this.#setState("running a statement");
  }

  /** Marks the client as idle: it has its reply. */
  markIdle(inTransaction: boolean): void {
    this.#setState(inTransaction ? "idle in a transaction" : "idle");
  }

  /**
   * Ends the session for a client of a higher rank, if it has been in its state for too long.
   * @param waited how long the other client has waited, in milliseconds
   */
  yieldTo(to: SessionRequest, waited: number): void {
    if (this.#ended || this.claim.rank >= to.rank) return;
    // A statement is ended only for a client that has waited that long.
    const since = this.#state === "running a statement" ? waited : Date.now() - this.#since;
    if (since < GRACE[this.#state]) return;
    this.#ended = true;
    this.end(`the embedded server has one session, and ${to.name} needs it`);
  }

  #setState(state: State): void {
    this.#state = state;
    this.#since = Date.now();
  }

  toString(): string {
    const seconds = (since: number): string => `${Math.round((Date.now() - since) / 1000)} s`;
    return (
      `${this.claim.name}, connected for ${seconds(this.#began)}, ` +
      `${this.#state} for ${seconds(this.#since)}`
    );
  }
}

type State = "running a statement" | "idle" | "idle in a transaction";

/** Milliseconds in each state before a client of a higher rank ends the session. */
const GRACE: Readonly<Record<State, number>> = {
  idle: 1000,
  "idle in a transaction": 5000,
  "running a statement": 30_000,
};
const CHECK_INTERVAL = 250;

interface Waiter {
  readonly claim: SessionRequest;
  readonly begin: () => void;
}

export class SessionQueue {
  readonly #waiting: Waiter[] = [];
  /** The current session; `taken` between the end of one session and the start of the next. */
  #turn: Turn | "taken" | undefined;

  /** How many clients wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Waits until the client gets the session. A client that has disconnected is skipped.
   * @param end disconnects the client, with the reason
   * @returns the session, and what releases it to the next client.
   * @throws SessionError when the client has waited too long, naming the client that has the session.
   */
  async take(
    claim: SessionRequest,
    end: (reason: string) => void,
  ): Promise<{ readonly turn: Turn; readonly release: () => void }> {
    if (this.#turn !== undefined) await this.#wait(claim);
    const turn = new Turn(claim, end);
    this.#turn = turn;
    return {
      turn,
      release: () => {
        const next = this.#waiting.shift();
        // Marked at once: a client that comes in between would take it, too.
        this.#turn = next === undefined ? undefined : "taken";
        next?.begin();
      },
    };
  }

  async #wait(claim: SessionRequest): Promise<void> {
    const { socket, rank, patience } = claim;
    const since = Date.now();
    await new Promise<void>((resolve, reject) => {
      const leave = (error: SessionError): void => {
        const at = this.#waiting.indexOf(waiter);
        if (at >= 0) this.#waiting.splice(at, 1);
        settle();
        reject(error);
      };
      const gone = (): void => {
        leave(new SessionError("08006", "the client has disconnected"));
      };
      const timer = setTimeout(() => {
        leave(
          new SessionError(
            "53300",
            `waited ${patience / 1000} s for the only session of the embedded server, held by ` +
              `${String(this.#turn)}. End that client, or connect as postgres, which ends a statement of the ` +
              "application after 30 s",
          ),
        );
      }, patience);
      const check = setInterval(() => {
        if (this.#turn instanceof Turn) this.#turn.yieldTo(claim, Date.now() - since);
      }, CHECK_INTERVAL);
      const settle = (): void => {
        clearTimeout(timer);
        clearInterval(check);
        socket.off("close", gone);
      };
      const waiter: Waiter = {
        claim,
        begin: () => {
          settle();
          resolve();
        },
      };
      socket.once("close", gone);
      const behind = this.#waiting.findIndex((other) => other.claim.rank < rank);
      if (behind < 0) this.#waiting.push(waiter);
      else this.#waiting.splice(behind, 0, waiter);
    });
  }
}
