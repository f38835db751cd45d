/** Who has the one session of the embedded server, and who comes next. */
import type { Socket } from "node:net";
import { SessionRefused } from "./session";

/** A client that wants the session. */
export interface Claim {
  readonly socket: Socket;
  /** Login and program, in printable ASCII. */
  readonly name: string;
  /** How long it waits, in milliseconds. */
  readonly patience: number;
  /** Whether it comes before the application, and may end a session that does nothing. */
  readonly tool: boolean;
}

/** The client that has the session. */
export class Turn {
  readonly claim: Claim;
  readonly #end: (reason: string) => void;
  readonly #began = Date.now();
  #idleSince: number | undefined;
  #inTransaction = false;

  constructor(claim: Claim, end: (reason: string) => void) {
    this.claim = claim;
    this.#end = end;
  }

  /** The client is served. */
  works(): void {
    this.#idleSince = undefined;
  }

  /** The client has its answer. */
  rests(inTransaction: boolean): void {
    this.#idleSince = Date.now();
    this.#inTransaction = inTransaction;
  }

  /** Makes room for another, if the client has done nothing for long enough. */
  giveWay(to: Claim): void {
    const idle = this.#idleSince === undefined ? 0 : Date.now() - this.#idleSince;
    if (this.claim.tool || idle < (this.#inTransaction ? IDLE_IN_TRANSACTION : IDLE)) return;
    this.#end(`the embedded server has one session, and ${to.name} needs it`);
  }

  toString(): string {
    const seconds = (since: number): string => `${Math.round((Date.now() - since) / 1000)} s`;
    const state =
      this.#idleSince === undefined
        ? "running a statement"
        : `idle${this.#inTransaction ? " in a transaction" : ""} for ${seconds(this.#idleSince)}`;
    return `${this.claim.name}, connected for ${seconds(this.#began)}, ${state}`;
  }
}

/** Milliseconds after which a session without a transaction makes room for a tool, and one within a transaction. */
const IDLE = 1000;
const IDLE_IN_TRANSACTION = 5000;
const LOOK = 250;

interface Waiter {
  readonly claim: Claim;
  readonly begin: () => void;
}

export class SessionQueue {
  readonly #waiting: Waiter[] = [];
  /** The client whose turn it is; `taken` from one turn's end to the next one's begin. */
  #turn: Turn | "taken" | undefined;

  /**
   * Waits for the client's turn. A client that has gone is passed over.
   * @param end sends the client away, with the reason
   * @returns the turn, and what ends it; the next one begins with it.
   * @throws SessionRefused when the client's patience is over, naming who has the session.
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
    const { socket, tool, patience } = claim;
    await new Promise<void>((resolve, reject) => {
      const leave = (error: SessionRefused): void => {
        const at = this.#waiting.indexOf(waiter);
        if (at >= 0) this.#waiting.splice(at, 1);
        settle();
        reject(error);
      };
      const gone = (): void => {
        leave(new SessionRefused("08006", "the client has gone"));
      };
      const timer = setTimeout(() => {
        leave(
          new SessionRefused(
            "53300",
            `waited ${patience / 1000} s for the one session of the embedded server; it is held by ` +
              `${String(this.#turn)}. End that connection, or wait until it is done`,
          ),
        );
      }, patience);
      const look = setInterval(() => {
        if (tool && this.#turn instanceof Turn) this.#turn.giveWay(claim);
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
      const behind = tool ? this.#waiting.findIndex((other) => !other.claim.tool) : -1;
      if (behind < 0) this.#waiting.push(waiter);
      else this.#waiting.splice(behind, 0, waiter);
    });
  }
}
