/** Eight runner processes that start together on an empty database, fifty times. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client, ClientConfig } from "pg";
import { buildRunner, removeRunner, RunnerProcess } from "../../../support/migration-runner";
import type { RunnerAnswer } from "../../../support/migration-runner-main";
import {
  type MigrationTarget,
  startMigrationTarget,
  withSession,
} from "../../../../scratch/migration-target";

const RUNNERS = 8;
const ROUNDS = 50;
/** Concurrent rounds, each with its own runners and databases: a round mostly waits. */
const LANES = 2;

/**
 * Each leaves something that a second application would duplicate; no `if not exists`, and no key that would reject it.
 */
const TEXTS = {
  "000001_effects.sql": `
    create table public.effects (file text, at timestamptz default clock_timestamp());
    insert into public.effects values ('000001_effects.sql');`,
  "000002_rows.sql": `
    insert into public.effects select '000002_rows.sql' from pg_catalog.pg_sleep(0.01);`,
  "000003_index.sql": `--! no-transaction
    create index concurrently effects_file_idx on public.effects (file);`,
  "000004_column.sql": `
    alter table public.effects add column more integer;
    insert into public.effects values ('000004_column.sql');`,
  "000005_index.sql": `--! no-transaction
    create index concurrently effects_at_idx on public.effects (at);`,
  "000006_last.sql": `
    insert into public.effects values ('000006_last.sql');`,
};
const NAMES = Object.keys(TEXTS);
const WITH_EFFECT = NAMES.filter((name) => !name.endsWith("_index.sql"));

let script: string;
let target: MigrationTarget;
let lanes: readonly (readonly RunnerProcess[])[] = [];

beforeAll(async () => {
  [script, target] = await Promise.all([
    buildRunner(),
    startMigrationTarget({ deadlock_timeout: "100ms", max_connections: "60" }),
  ]);
  lanes = Array.from({ length: LANES }, () =>
    Array.from({ length: RUNNERS }, () => RunnerProcess.start(script)),
  );
  await Promise.all(lanes.flat().map((runner) => runner.ready()));
}, 60_000);

afterAll(async () => {
  await Promise.all(lanes.flat().map((runner) => runner.kill()));
  await target.stop();
  removeRunner(script);
});

/** Eight sessions exceed the connection limit of the migration login. */
const asAdmin = (database: string): ClientConfig => ({
  ...target.connection(database),
  user: "postgres",
});

/** All rows of one column. */
async function column(client: Client, text: string): Promise<readonly unknown[]> {
  const { rows } = await client.query<{ value: unknown }>(text);
  return rows.map(({ value }) => value);
}

const deadlocks = (client: Client): Promise<readonly unknown[]> =>
  column(
    client,
    "select deadlocks::integer as value from pg_stat_database where datname = current_database()",
  );

/** Complete server log. */
function serverLog(): string {
  const folder = join(target.server.folder, "log");
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  return texts.join("");
}

/** One round: all runners start on an empty database. Returns what each reports as applied. */
async function round(runners: readonly RunnerProcess[]): Promise<readonly (readonly string[])[]> {
  const database = await target.freshDatabase();
  const connection = asAdmin(database);
  // No retry: it would hide a deadlock.
  const command = { connection, texts: TEXTS, owner: "sark_owner", lockTries: 1 };
  const answers = await Promise.all(runners.map((runner) => runner.run(command)));

  await withSession(asAdmin(database), async (client) => {
    const recorded = "select name as value from sark_migrations.applied order by name";
    const effects = "select file as value from public.effects order by at";
    const indexes = `
      select indexrelid::regclass::text as value from pg_index
       where indrelid = 'public.effects'::regclass and indisvalid order by 1`;
    expect(await column(client, recorded)).toEqual(NAMES);
    expect(await column(client, effects)).toEqual(WITH_EFFECT);
    expect(await column(client, indexes)).toEqual(["effects_at_idx", "effects_file_idx"]);
    expect(await deadlocks(client)).toEqual([0]);
  });
  await target.drop(database);
  return answers.map(appliedBy);
}

/** @throws when the run failed */
function appliedBy(answer: RunnerAnswer): readonly string[] {
  if (answer.kind !== "done") throw new Error(JSON.stringify(answer));
  return answer.applied;
}

test("migration runners apply each file exactly once without deadlocks, in fifty concurrent rounds", async () => {
  let rounds = 0;
  await Promise.all(
    lanes.map(async (runners) => {
      while (rounds < ROUNDS) {
        rounds += 1;
        const applied = await round(runners);
        // The first runner applies all files, the others none.
        expect(applied.filter((names) => names.length > 0)).toEqual([NAMES]);
        expect(applied).toHaveLength(RUNNERS);
      }
    }),
  );
  expect(rounds).toBe(ROUNDS);
  expect(serverLog()).not.toMatch(/deadlock|ERROR|FATAL|PANIC/);
}, 180_000);

test("deadlock counter shows the deadlock of runners that would block on the advisory lock", async () => {
  const database = await target.freshDatabase();
  await withSession(asAdmin(database), async (holder) => {
    await holder.query("create table public.effects (file text)");
    await holder.query("select pg_advisory_lock(1)");
    await withSession(asAdmin(database), async (waiter) => {
      const failure = (error: unknown): unknown => error;
      const waits = waiter.query("select pg_advisory_lock(1)").catch(failure);
      const waiting =
        "select count(*)::integer as value from pg_locks where locktype = 'advisory' and not granted";
      while ((await column(holder, waiting))[0] !== 1);
      const builds = holder
        .query("create index concurrently effects_file_idx on public.effects (file)")
        .catch(failure);
      expect(String(await Promise.race([waits, builds]))).toContain("deadlock detected");
    });
  });
  await withSession(asAdmin(database), async (client) => {
    expect(await deadlocks(client)).toEqual([1]);
  });
  expect(serverLog()).toContain("deadlock detected");
});
