import { Client } from "pg";
import { applyMigrations } from "../../../../components/migrations/runner/run";
import { planFiles } from "../../../../components/migrations/plan/migration-files";
import { waitUntil } from "../../../../components/homes/local/processes/process";
import { change, FILE, locksScratch, longReader, TABLES } from "../../../support/migration-locks";
import {
  type MigrationScratch,
  OPTIONS,
  refusal,
  sentence,
  startMigrationScratch,
} from "../../../support/migration-scratch";

let scratch: MigrationScratch;
beforeAll(async () => {
  scratch = await startMigrationScratch({ parameters: { max_connections: "40" } });
});
afterAll(() => scratch.server.stop());

const { prepared, config, columns, waits } = locksScratch(() => scratch);

describe("migration lock conflict", () => {
  const blocked = (database: string, as?: string) =>
    scratch.session(database, async (client) => {
      await longReader(client, "b");
      const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
      const said: string[] = [];
      const files = planFiles(
        change(
          "100ms",
          "alter table public.a add column x int;\nalter table public.b add column x int;",
        ),
      );
      const run = scratch.session(
        database,
        (runner) => applyMigrations(runner, files, { ...OPTIONS, say: (text) => said.push(text) }),
        as,
      );
      return { message: await refusal(run), said, pid: rows[0]?.pid };
    });

  it("names the holder at each attempt and at the end, and nothing of the file is left", async () => {
    const database = await prepared();
    const { message, said, pid } = await blocked(database, "migrator");
    const who = `public.b is locked by process ${String(pid)} of postgres (the long reader)`;
    expect(said).toEqual([
      `${FILE}:3: canceling statement due to lock timeout; nothing of the file was applied; ${who}. ` +
        "Attempt 2 of 2 in 50 ms",
    ]);
    expect(message).toMatch(
      sentence(
        "lock-timeout",
        `${FILE}:3: canceling`,
        "nothing of the file was applied",
        "attempt 2 of 2",
        who,
        "run again",
      ),
    );
    expect(await columns(database)).toEqual([]);
    expect(
      await scratch.migrate(database, change("5s", "alter table public.b add column x int;")),
    ).toEqual([FILE]);
  });

  it("reports an idle transaction and its start when the login may see it", async () => {
    const { message } = await blocked(await prepared(), "postgres");
    expect(message).toMatch(
      /\(the long reader\), idle in transaction, since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/,
    );
  });
});

it("migration file is retried after a deadlock", async () => {
  const database = await prepared();
  const said: string[] = [];
  await scratch.session(database, async (other) => {
    // This session never checks for deadlocks, so the file's session is the one cancelled.
    await other.query("set deadlock_timeout to '1h'; begin; lock table public.a in share mode");
    const run = scratch.migrate(
      database,
      change(
        "60s",
        "alter table public.b add column x int; alter table public.a add column x int;",
      ),
      { lockTries: 5, say: (text) => said.push(text) },
    );
    expect(await waitUntil(() => waits(database, "migrator"), 20_000)).toBe(true);
    await other.query("select count(*) from public.b");
    await other.query("commit");
    expect(await run).toEqual([FILE]);
  });
  expect(said.join("\n")).toMatch(/deadlock detected/);
  expect(await columns(database)).toEqual(["a.x", "b.x"]);
});

describe("migration lock", () => {
  it("makes a second run wait, name the holder, and give up in the end", async () => {
    const database = await prepared();
    const said: string[] = [];
    let pid: number | undefined;
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const first = scratch.session(
      database,
      async (client) => {
        const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
        return applyMigrations(client, planFiles(change("2s", "create table public.d ();")), {
          ...OPTIONS,
          onStep: ({ before }) => {
            pid = rows[0]?.pid;
            return before === "commit" ? released : undefined;
          },
        });
      },
      "migrator",
    );
    expect(await waitUntil(() => pid !== undefined, 20_000)).toBe(true);
    const who = `process ${String(pid)} of migrator (sark-databases)`;
    const options = { lockWaitMs: 600, say: (text: string) => said.push(text) };
    const message = await refusal(scratch.migrate(database, TABLES, options));
    expect(message).toMatch(sentence("locked", who, "since", "run again"));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(`waiting for another run to finish: ${who}`);

    const second = scratch.migrate(database, change("2s", "create table public.d ();"));
    release();
    expect(await Promise.all([first, second])).toEqual([[FILE], []]);
  });

  it("is released soon after a runner died during a long statement", async () => {
    const database = await prepared();
    const dead = new Client({ ...config(database), user: "migrator" });
    dead.on("error", () => undefined);
    await dead.connect();
    const run = applyMigrations(
      dead,
      planFiles(change("2s", "--! statement_timeout 10min\nselect pg_catalog.pg_sleep(300);")),
      OPTIONS,
    ).catch(() => undefined);
    const sleeps = (): Promise<boolean> =>
      scratch
        .column(
          "postgres",
          `select 1 as value from pg_stat_activity where datname = '${database}' and wait_event = 'PgSleep'`,
        )
        .then((rows) => rows.length > 0);
    expect(await waitUntil(sleeps, 20_000)).toBe(true);
    // Like SIGKILL: the connection closes without a Terminate message.
    dead.connection.stream.destroy();
    await run;

    const next = change("2s", "create table public.d ();");
    expect(await scratch.migrate(database, next, { lockWaitMs: 60_000 })).toEqual([FILE]);
  }, 90_000);
});
