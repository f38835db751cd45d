/** An application client that writes. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import type { BenchPool } from "./pool";

/** Commits a row every 50 to 100 ms. */
export class WritingClient {
  last = performance.now();
  /** Longest time between two commits. */
  gap = 0;
  #stopped = false;

  /** @param keeps whether it keeps its connection until an error, instead of opening one for each row */
  constructor(readonly keeps: boolean) {}

  async run(pool: BenchPool): Promise<void> {
    let client: Client | undefined;
    while (!this.#stopped) {
      await sleep(50 + Math.random() * 50);
      try {
        client ??= await pool.connect();
        await client.query("begin");
        await client.query("insert into written (client) values (1)");
        await client.query("commit");
        this.gap = Math.max(this.gap, performance.now() - this.last);
        this.last = performance.now();
        if (this.keeps) continue;
        await client.end();
        client = undefined;
      } catch {
        void client?.end().catch(() => undefined);
        client = undefined;
      }
    }
    await client?.end();
  }

  stop(): void {
    this.#stopped = true;
  }
}
