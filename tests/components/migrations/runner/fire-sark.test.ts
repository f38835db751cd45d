/** Fails the server at every boundary between statements of `sark`'s migrations; the next run resumes. */
import type { Client } from "pg";
import type { Boundary } from "../../../../components/migrations/runner/attempt";
import { runningPostgres, start } from "../../../../components/homes/local/processes/postgres";
import { waitUntil } from "../../../../components/homes/local/processes/process";
import {
  boundariesOf,
  converged,
  cutAtEach,
  expectedOf,
  freshSark,
  outcomeIn,
  stepsOf,
} from "../../../support/migration-cuts";
import {
  goldenSchema,
  type MigrationTarget,
  startMigrationTarget,
  withSession,
} from "../../../../scratch/migration-target";
import { migrate, migrationTexts } from "../../../support/migration-outcome";

const TEXTS = migrationTexts("sark");
const CONVERGED = converged(TEXTS, goldenSchema("sark"));

let server: MigrationTarget;
let steps: readonly Boundary[];

beforeAll(async () => {
  server = await startMigrationTarget();
  steps = await stepsOf(await freshSark(server));
}, 60_000);

afterAll(async () => {
  await server.stop();
});

async function backendOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid ?? 0;
}

/** Resolves when the session has ended. */
async function endOf(client: Client): Promise<void> {
  await new Promise<void>((resolve) => client.once("end", resolve));
}

test("sark migrations have a boundary around each statement, ledger row and file", async () => {
  expect(steps).toEqual(await boundariesOf(TEXTS));
});

/** Interrupts a run at each boundary, and checks that one more run completes the schema. */
async function convergesAfter(
  at: readonly Boundary[],
  cut: (client: Client) => Promise<void>,
): Promise<void> {
  const target = await freshSark(server);
  expect(await cutAtEach(target, at, cut)).toEqual(expectedOf(target, at));
  await migrate(target.connection, TEXTS, target.owner);
  expect(await outcomeIn(target)).toEqual(CONVERGED);
}

test("sark migrations resume after their session was terminated at each boundary", async () => {
  await withSession({ ...server.connection("postgres"), user: "postgres" }, async (admin) => {
    await convergesAfter(steps, async (client) => {
      const backend = await backendOf(client);
      const ended = endOf(client);
      await admin.query("select pg_terminate_backend($1)", [backend]);
      await ended;
    });
  });
}, 120_000);

test("sark migrations resume after their backend was killed at each boundary and the server recovered", async () => {
  const admin = { ...server.connection("postgres"), user: "postgres" };
  const answers = (): Promise<boolean> =>
    withSession(admin, () => Promise.resolve(true)).catch(() => false);
  await convergesAfter(steps, async (client) => {
    const backend = await backendOf(client);
    await withSession(admin, async (witness) => {
      const crashed = endOf(witness);
      process.kill(backend, "SIGKILL");
      // From here on, the server rejects connections until it has recovered.
      await crashed;
    });
    expect(await waitUntil(answers, 30_000, 10)).toBe(true);
  });
}, 180_000);

test("sark migrations resume after an immediate shutdown during each file", async () => {
  const midst = steps.filter(({ before }) => before === 1 || before === "commit");
  await convergesAfter(midst, async () => {
    const { folder } = server.server;
    const pid = runningPostgres(folder)?.pid ?? 0;
    process.kill(pid, "SIGQUIT");
    expect(await waitUntil(() => runningPostgres(folder)?.pid !== pid, 30_000, 10)).toBe(true);
    await start(folder);
  });
}, 120_000);
