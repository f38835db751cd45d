import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { waitUntil } from "../../../../components/homes/local/processes/process";
import { change, FILE, locksScratch, longReader } from "../../../support/migration-locks";
import { type MigrationScratch, startMigrationScratch } from "../../../support/migration-scratch";

let scratch: MigrationScratch;
beforeAll(async () => {
  scratch = await startMigrationScratch({ parameters: { max_connections: "40" } });
});
afterAll(() => scratch.server.stop());

const { prepared, config, columns, waits } = locksScratch(() => scratch);

/**
 * Readers of all three tables, with short pauses. A reader's own lock_timeout is the longest wait that the runner may
 * cause; a longer wait is an error.
 */
async function whileRead<T>(
  database: string,
  longestMs: number,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly errors: readonly string[]; readonly reads: number }> {
  let reading = true;
  let reads = 0;
  const errors: string[] = [];
  const readers = ["a", "b", "c"].map((table) =>
    scratch.session(database, async (client) => {
      await client.query(`set lock_timeout to ${longestMs}`);
      while (reading) {
        try {
          await client.query(`select count(*) from public.${table}`);
          reads += 1;
        } catch (error) {
          errors.push(`${table}: ${String(error)}`);
        }
        await sleep(10);
      }
    }),
  );
  try {
    const result = await work();
    return { result, errors, reads };
  } finally {
    reading = false;
    await Promise.all(readers);
  }
}

describe("readers behind a migration that waits for a long reader", () => {
  const LOCK_TIMEOUT_MS = 1000;

  it.each([
    {
      name: "one statement",
      sql: "alter table public.a add column x int;",
      held: ["a"],
      freedAfterMs: undefined,
      columns: ["a.x"],
    },
    {
      // The first table stays locked.
      name: "statements on several tables, one after another",
      sql: `alter table public.a add column x int; alter table public.b add column x int;
            alter table public.c add column x int;`,
      held: ["c", "b"],
      freedAfterMs: 700,
      columns: ["a.x", "b.x", "c.x"],
    },
    {
      name: "one statement on several tables",
      sql: "alter table public.a add column x int; truncate public.b, public.c;",
      held: ["c", "b"],
      freedAfterMs: 450,
      columns: ["a.x"],
    },
    {
      // The locks of a function are not visible in the text.
      name: "functions that lock tables",
      sql: `do $$ begin lock table public.a; end $$; do $$ begin lock table public.b; end $$;
            do $$ begin lock table public.c; end $$; alter table public.c add column x int;`,
      held: ["c", "b"],
      freedAfterMs: 700,
      columns: ["c.x"],
    },
  ])(
    "wait at most lock_timeout and a quarter of a second: $name",
    async ({ sql, held, freedAfterMs, columns: made }) => {
      const database = await prepared();
      const said: string[] = [];
      const clients = held.map(() => new Client(config(database)));
      try {
        for (const [index, client] of clients.entries()) {
          await client.connect();
          await longReader(client, held[index] ?? "");
        }
        const [last, ...others] = clients;
        const { result, errors, reads } = await whileRead(database, LOCK_TIMEOUT_MS + 250, () => {
          const run = scratch.migrate(database, change(`${LOCK_TIMEOUT_MS}ms`, sql), {
            lockTries: 20,
            say: (text) => {
              said.push(text);
              // The long reader ends after it was in the way twice.
              if (said.length === 2) void last?.query("commit");
            },
          });
          const free = async (): Promise<void> => {
            if (freedAfterMs === undefined) return;
            expect(await waitUntil(() => waits(database, "migrator"), 20_000, 10)).toBe(true);
            await sleep(freedAfterMs);
            for (const client of others) await client.query("commit");
          };
          return Promise.all([run, free()]).then(([applied]) => applied);
        });

        expect(errors).toEqual([]);
        expect(result).toEqual([FILE]);
        expect(reads).toBeGreaterThan(10);
        expect(said.length).toBeGreaterThanOrEqual(2);
        expect(await columns(database)).toEqual(made);
      } finally {
        await Promise.all(clients.map((client) => client.end()));
      }
    },
    60_000,
  );

  it("exceed the limit when nothing bounds the migration's wait, so the measurement works", async () => {
    const database = await prepared();
    const long = new Client(config(database));
    await long.connect();
    try {
      await longReader(long, "a");
      const { errors } = await whileRead(database, LOCK_TIMEOUT_MS + 250, async () => {
        const file = change("20s", "alter table public.a add column x int;");
        const run = scratch.migrate(database, file);
        expect(await waitUntil(() => waits(database, "postgres"), 20_000)).toBe(true);
        await sleep(LOCK_TIMEOUT_MS + 500);
        await long.query("commit");
        return run;
      });
      expect(errors.join()).toContain("lock timeout");
    } finally {
      await long.end();
    }
  });
});
