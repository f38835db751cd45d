/** Who has the one session of the embedded server, and who comes next. */
import type { Socket } from "node:net";
import { SessionError } from "./wire-protocol";

/** A client that wants the session. */
export interface Claim {
  readonly socket: Socket;
  /** Login and program, fit to print. */
  readonly name: string;
  /** How long it waits, in milliseconds. */
  readonly patience: number;
  /** 0 for the application. Who has a higher one comes first, and ends the sessions of lower ones. */
  readonly rank: number;
}

/** The client that has the session. */
export class Turn {
  readonly #began = Date.now();
  /** What it does, and since when. */
  #state: State = "running a statement";
  #since = Date.now();
  #ended = false;

  /** @param end sends the client away, with the reason */
  constructor(
    readonly claim: Claim,
    private readonly end: (reason: string) => void,
  ) {}

  /** The client is served. */
  works(): void {
    this.#be("running a statement");
  }

  /** The client has its answer. */
  rests(inTransaction: boolean): void {
    this.#be(inTransaction ? "idle in a transaction" : "idle");
  }

  /**
   * Makes room for a client of a higher rank, if this one has been in its state for long enough.
   * @param waited how long the other one has waited, in milliseconds
   */
  giveWay(to: Claim, waited: number): void {
    if (this.#ended || this.claim.rank >= to.rank) return;
    // A statement is not cut off for who has just come.
    const since = this.#state === "running a statement" ? waited : Date.now() - this.#since;
    if (since < MOST[this.#state]) return;
    this.#ended = true;
    this.end(`the embedded server has one session, and ${to.name} needs it`);
  }

  #be(state: State): void {
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

/** Milliseconds for which a client of a higher rank leaves a session in peace. */
const MOST: Readonly<Record<State, number>> = {
  idle: 1000,
  "idle in a transaction": 5000,
  "running a statement": 30_000,
};
const LOOK = 250;

interface Waiter {
  readonly claim: Claim;
  readonly begin: () => void;
}

export class SessionQueue {
  readonly #waiting: Waiter[] = [];
  /** The client whose turn it is; `taken` from one turn's end to the next one's begin. */
  #turn: Turn | "taken" | undefined;

  /** How many clients wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Waits for the client's turn. A client that has gone is passed over.
   * @param end sends the client away, with the reason
   * @returns the turn, and what ends it; the next one begins with it.
   * @throws SessionError when the client's patience is over, naming who has the session.
   */
  async take(
    claim: Claim,
    end: (reason: string) => void,
  ): Promise<{ readonly turn: Turn; readonly release: () => void }> {
    if (this.#turn !== undefined) await this.#wait(claim);
    const turn = new Turn(claim, end);
    this.#turn = turn;
    return {
      turn,
      release: () => {
        const next = this.#waiting.shift();
        // Taken at once, or a client that comes in between would take it, too.
        this.#turn = next === undefined ? undefined : "taken";
        next?.begin();
      },
    };
  }

  async #wait(claim: Claim): Promise<void> {
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
        leave(new SessionError("08006", "the client has gone"));
      };
      const timer = setTimeout(() => {
        leave(
          new SessionError(
            "53300",
            `waited ${patience / 1000} s for the one session of the embedded server; it is held by ` +
              `${String(this.#turn)}. End that client, or connect as postgres: that ends a statement of the ` +
              "application after 30 s",
          ),
        );
      }, patience);
      const look = setInterval(() => {
        if (this.#turn instanceof Turn) this.#turn.giveWay(claim, Date.now() - since);
      }, LOOK);
      const settle = (): void => {
        clearTimeout(timer);
        clearInterval(look);
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
