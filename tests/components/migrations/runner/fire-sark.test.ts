/** The migrations of `sark`, whose server fails at every boundary between statements: the next run goes on by itself. */
import type { Client } from "pg";
import type { Step } from "../../../../components/migrations/runner/attempt";
import { isRunning, start } from "../../../../components/homes/local/processes/postgres";
import { until } from "../../../../components/homes/local/processes/process";
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
  startTarget,
  withSession,
} from "../../../../scratch/migration-target";
import { migrate, migrationTexts } from "../../../support/migration-outcome";

const TEXTS = migrationTexts("sark");
const CONVERGED = converged(TEXTS, goldenSchema("sark"));

let server: MigrationTarget;
let steps: readonly Step[];

beforeAll(async () => {
  server = await startTarget();
  steps = await stepsOf(await freshSark(server));
}, 60_000);

afterAll(async () => {
  await server.stop();
});

async function backendOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid ?? 0;
}

/** Fulfilled once the session is over, whoever ended it. */
async function endOf(client: Client): Promise<void> {
  await new Promise<void>((resolve) => client.once("end", resolve));
}

test("there are boundaries around each statement, each row of the ledger, and each file", async () => {
  expect(steps).toEqual(await boundariesOf(TEXTS));
});

/** Cuts a run at each of the boundaries, and shows that one more run has the schema whole. */
async function convergesAfter(
  at: readonly Step[],
  cut: (client: Client) => Promise<void>,
): Promise<void> {
  const target = await freshSark(server);
  expect(await cutAtEach(target, at, cut)).toEqual(expectedOf(target, at));
  await migrate(target.connection, TEXTS, target.owner);
  expect(await outcomeIn(target)).toEqual(CONVERGED);
}

test("after its session was ended at each boundary", async () => {
  await withSession({ ...server.connection("postgres"), user: "postgres" }, async (admin) => {
    await convergesAfter(steps, async (client) => {
      const backend = await backendOf(client);
      const ended = endOf(client);
      await admin.query("select pg_terminate_backend($1)", [backend]);
      await ended;
    });
  });
}, 120_000);

test("after its backend was killed at each boundary, and the server with it recovered", async () => {
  const admin = { ...server.connection("postgres"), user: "postgres" };
  const answers = (): Promise<boolean> =>
    withSession(admin, () => Promise.resolve(true)).catch(() => false);
  await convergesAfter(steps, async (client) => {
    const backend = await backendOf(client);
    await withSession(admin, async (witness) => {
      const crashed = endOf(witness);
      process.kill(backend, "SIGKILL");
      // From here on the server lets nobody in until it has recovered.
      await crashed;
    });
    expect(await until(answers, 30_000, 10)).toBe(true);
  });
}, 180_000);

test("after the server was stopped at once in the midst of each file, and started again", async () => {
  const midst = steps.filter(({ before }) => before === 1 || before === "commit");
  await convergesAfter(midst, async () => {
    const { folder } = server.server;
    const pid = isRunning(folder)?.pid ?? 0;
    process.kill(pid, "SIGQUIT");
    expect(await until(() => isRunning(folder)?.pid !== pid, 30_000, 10)).toBe(true);
    await start(folder);
  });
}, 120_000);
