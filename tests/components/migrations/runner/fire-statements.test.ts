/** Interrupts a run in the middle of a waiting statement; the next run resumes. */
import { Client, type ClientConfig } from "pg";
import { waitUntil } from "../../../../components/homes/local/processes/process";
import { converged } from "../../../support/migration-cuts";
import { buildRunner, removeRunner, RunnerProcess } from "../../../support/migration-runner";
import {
  type MigrationTarget,
  startMigrationTarget,
  withSession,
} from "../../../../scratch/migration-target";
import { migrate, outcomeOf } from "../../../support/migration-outcome";

const OWNER = "sark_owner";

/** The second waits for the holder of lock 42, the third for writers to the table. */
const TEXTS = {
  "000001_effects.sql": "create table public.effects (file text);",
  "000002_waits.sql": `--! lock_timeout 60s
    create table public.part_of_it (id integer);
    insert into public.effects
    select '000002_waits.sql' from (select pg_catalog.pg_advisory_xact_lock(42)) as waited;`,
  "000003_index.sql": `--! no-transaction
--! lock_timeout 60s
    create index concurrently effects_file_idx on public.effects (file);`,
  "000004_last.sql": "insert into public.effects values ('000004_last.sql');",
};

let target: MigrationTarget;
let script: string;

beforeAll(async () => {
  [script, target] = await Promise.all([buildRunner(), startMigrationTarget()]);
}, 60_000);

afterAll(async () => {
  await target.stop();
  removeRunner(script);
});

const asAdmin = (database: string): ClientConfig => ({
  ...target.connection(database),
  user: "postgres",
  application_name: "admin",
});

/** Obstacle of a statement. It ends with its session, or with the server. */
interface Obstacle {
  readonly file: string;
  /** Runs first, in a database with the earlier files. */
  readonly take: string;
}

const OBSTACLES: Readonly<Record<string, Obstacle>> = {
  "a transaction's statement": {
    file: "000002_waits.sql",
    take: "begin; select pg_advisory_xact_lock(42)",
  },
  "an index that is built concurrently": {
    file: "000003_index.sql",
    take: "begin; insert into public.effects values ('a writer')",
  },
};

/** Backends of runners whose statement is waiting. */
async function waitingBackends(database: string): Promise<readonly number[]> {
  const { rows } = await withSession(asAdmin("postgres"), (admin) =>
    admin.query<{ pid: number }>(
      `select pid from pg_stat_activity
        where datname = $1 and application_name = 'sark-databases' and state = 'active' and wait_event_type = 'Lock'`,
      [database],
    ),
  );
  return rows.map(({ pid }) => pid);
}

const WAYS: Readonly<Record<string, (runner: RunnerProcess, backend: number) => Promise<void>>> = {
  "its process is killed": async (runner) => {
    await runner.kill();
  },
  "its session is ended": async (_, backend) => {
    await withSession(asAdmin("postgres"), (admin) =>
      admin.query("select pg_terminate_backend($1)", [backend]),
    );
  },
  "its backend is killed": async (_, backend) => {
    process.kill(backend, "SIGKILL");
    const gone = (): Promise<boolean> =>
      withSession(asAdmin("postgres"), async (admin) => {
        const { rows } = await admin.query("select from pg_stat_activity where pid = $1", [
          backend,
        ]);
        return rows.length === 0;
      }).catch(() => false);
    expect(await waitUntil(gone, 30_000, 10)).toBe(true);
  },
};

test.each(
  Object.keys(WAYS).flatMap((way) => Object.keys(OBSTACLES).map((what) => [way, what] as const)),
)(
  "migration runner resumes after %s during %s",
  async (way, what) => {
    const { file, take } = OBSTACLES[what] ?? { file: "", take: "" };
    const database = await target.freshDatabase();
    const before = Object.fromEntries(Object.entries(TEXTS).filter(([name]) => name < file));
    await migrate(target.connection(database), before, OWNER);
    const holder = new Client(asAdmin(database));
    holder.on("error", () => undefined);
    await holder.connect();
    await holder.query(take);

    const command = { connection: target.connection(database), texts: TEXTS, owner: OWNER };
    const first = RunnerProcess.start(script);
    const second = RunnerProcess.start(script);
    try {
      const cut = first.run(command);
      let backend = 0;
      const waits = async (): Promise<boolean> => {
        [backend = 0] = await waitingBackends(database);
        return backend !== 0;
      };
      expect(await waitUntil(waits, 30_000)).toBe(true);
      await WAYS[way]?.(first, backend);
      expect(await cut).toMatchObject({ kind: "failed" });

      const rerun = second.run(command);
      // The statement of a dead runner must not keep waiting, nor hold the migration lock.
      const over = async (): Promise<boolean> =>
        !(await waitingBackends(database)).includes(backend);
      expect(await waitUntil(over, 30_000)).toBe(true);
      await holder.end();
      expect(await rerun).toEqual({
        kind: "done",
        applied: Object.keys(TEXTS).filter((name) => name >= file),
      });
    } finally {
      await Promise.all([first.kill(), second.kill(), holder.end().catch(() => undefined)]);
    }

    const whole = await target.freshDatabase();
    await migrate(target.connection(whole), TEXTS, OWNER);
    const { schema } = await withSession(asAdmin(whole), outcomeOf);
    await withSession(asAdmin(database), async (client) => {
      expect(await outcomeOf(client)).toEqual(converged(TEXTS, schema));
      const { rows } = await client.query<{ file: string }>("select file from public.effects");
      expect(rows.map((row) => row.file)).toEqual(["000002_waits.sql", "000004_last.sql"]);
      const invalid = await client.query("select from pg_index where not indisvalid");
      expect(invalid.rowCount).toBe(0);
    });
  },
  60_000,
);
