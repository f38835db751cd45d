/** Milliseconds that running steps have to finish after a signal. */
const GRACE_PERIOD_MS = 10_000;

/** The exit code of a run that was interrupted: 128 and the number of SIGINT. */
const EXIT_CODE = 130;

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Stops a run cleanly: after the first signal, no step starts, and running steps may finish. A second signal, or ten
 * seconds, ends the process at once; the state still records which steps had started.
 */
export class Interrupt {
  #stopping = false;
  #running = 0;
  readonly #onSignal: () => void;

  /** @param announce tells the user; @param beforeExit is called before the process ends */
  constructor(
    announce: (running: number) => void,
    private readonly beforeExit: () => void,
  ) {
    this.#onSignal = () => {
      if (this.#stopping) this.exit();
      this.#stopping = true;
      announce(this.#running);
      setTimeout(() => {
        this.exit();
      }, GRACE_PERIOD_MS);
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
    this.beforeExit();
    process.exit(EXIT_CODE);
  }

  dispose(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}
