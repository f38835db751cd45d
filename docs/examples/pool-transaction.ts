import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";

/** SQLSTATEs of a lost connection or a server that stops or starts, and error codes of sockets. */
const CODES = /^(08...|57P0[1235]|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/;
/** PgBouncer has one code for everything, also for what does not pass. */
const LASTING = /authentication failed|no such/;
/** Errors of the driver, which have no code. */
const MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/;

/** A connection that breaks between two statements fails the next one; without a listener it ends the process. */
const ignore = () => undefined;

/** Runs `work` in a transaction; while the database fails over, runs it again, for two minutes at most. */
export async function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>) {
  const deadline = Date.now() + 120_000;
  for (let wait = 100; ; wait = Math.min(2 * wait, 2_000)) {
    let client: PoolClient | undefined;
    let committing = false;
    try {
      client = await pool.connect();
      client.on("error", ignore);
      await client.query("begin");
      const result = await work(client);
      committing = true;
      await client.query("commit");
      client.off("error", ignore);
      client.release();
      return result;
    } catch (error) {
      client?.release(true);
      const { code, message } = error as { code?: string; message: string };
      const isTransient =
        code === undefined ? MESSAGES.test(message) : CODES.test(code) && !LASTING.test(message);
      // The server may have committed before the answer was lost: only the caller knows whether to repeat that.
      if (!isTransient || committing || Date.now() > deadline) throw error;
      await sleep(wait * Math.random());
    }
  }
}
