/** How long the steps that run when a signal comes may take to finish, in milliseconds. */
const PATIENCE = 10_000;

/** The exit code of a run that was interrupted: 128 and the number of SIGINT. */
const EXIT_CODE = 130;

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Stops a run in an orderly way: after the first signal no step begins, and those that run are waited for.
 * A second signal, or ten seconds, ends the process at once; the state then still knows which steps had begun.
 */
export class Interrupt {
  #stopping = false;
  #running = 0;
  readonly #onSignal: () => void;

  /** @param announce tells the user; @param leave is the last thing before the process ends */
  constructor(
    announce: (running: number) => void,
    private readonly leave: () => void,
  ) {
    this.#onSignal = () => {
      if (this.#stopping) this.exit();
      this.#stopping = true;
      announce(this.#running);
      setTimeout(() => {
        this.exit();
      }, PATIENCE);
    };
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  async during<T>(step: Promise<T>): Promise<T> {
    this.#running += 1;
    try {
      return await step;
    } finally {
      this.#running -= 1;
    }
  }

  exit(): never {
    this.leave();
    process.exit(EXIT_CODE);
  }

  dispose(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}
