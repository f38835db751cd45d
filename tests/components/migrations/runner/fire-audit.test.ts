/** The migrations of `sark_audit` on the embedded TimescaleDB, cut at every boundary: the next run goes on by itself. */
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import type { ClientConfig } from "pg";
import type { Step } from "../../../../components/migrations/runner/attempt";
import { isFree } from "../../../../components/homes/local/processes/ports";
import { until } from "../../../../components/homes/local/processes/process";
import { isTimescaleRunning } from "../../../../components/homes/local/timescale/server-process";
import { CuttingProxy } from "../../../support/cutting-proxy";
import {
  boundariesOf,
  converged,
  cutAtEach,
  type CutTarget,
  expectedOf,
  outcomeIn,
  stepsOf,
} from "../../../support/migration-cuts";
import { goldenSchema, withSession } from "../../../../scratch/migration-target";
import { migrate, migrationTexts } from "../../../support/migration-outcome";
import { rolesSql } from "../../../../scratch/roles-sql";
import {
  buildTimescale,
  type ScratchTimescale,
  startScratchTimescale,
} from "../../../../scratch/scratch-timescale";

const OWNER = "sark_audit_owner";
const TEXTS = migrationTexts("sark_audit");
const CONVERGED = converged(TEXTS, goldenSchema("sark_audit"));

let script: string;

beforeAll(() => {
  script = buildTimescale();
});

afterAll(() => {
  rmSync(dirname(script), { recursive: true, force: true });
});

interface Audit {
  readonly server: ScratchTimescale;
  readonly proxy: CuttingProxy;
  readonly target: CutTarget;
}

/** A server of the test's own, with the roles that the layer makes before migrations run. */
async function withAudit(work: (audit: Audit) => Promise<void>): Promise<void> {
  const server = await startScratchTimescale(script);
  const proxy = await CuttingProxy.start(server.port);
  try {
    const { host, password } = server;
    const as = (user: string, port: number): ClientConfig => ({
      host,
      port,
      user,
      password,
      database: "sark_audit",
    });
    // The superuser goes past what is cut.
    const admin = as("postgres", server.port);
    const connection = as("sark_audit_migrate", proxy.port);
    await withSession(admin, (client) =>
      client.query(rolesSql("sark_audit", { extensions: ["timescaledb"], password })),
    );
    await work({ server, proxy, target: { texts: TEXTS, owner: OWNER, connection, admin } });
  } finally {
    await proxy.stop();
    await server.stop();
  }
}

async function convergesAfter(
  { target }: Audit,
  at: readonly Step[],
  cut: () => void | Promise<void>,
): Promise<void> {
  expect(await cutAtEach(target, at, cut)).toEqual(expectedOf(target, at));
  await migrate(target.connection, TEXTS, OWNER);
  expect(await outcomeIn(target)).toEqual(CONVERGED);
}

test("there are boundaries around each statement, each row of the ledger, and each file", async () => {
  await withAudit(async ({ target }) => {
    expect(await stepsOf(target)).toEqual(await boundariesOf(TEXTS));
    expect(await outcomeIn(target)).toEqual(CONVERGED);
  });
}, 60_000);

test("after its session was cut at each boundary", async () => {
  const steps = await boundariesOf(TEXTS);
  await withAudit(async (audit) => {
    await convergesAfter(audit, steps, () => {
      audit.proxy.cut();
    });
  });
}, 180_000);

test("after the server was killed in the midst of every other file, and started again", async () => {
  const steps = await boundariesOf(TEXTS);
  const ends = steps.filter(({ before }) => before === "ledger");
  const midst = ends.filter((_, index) => index % 2 === 0);
  await withAudit(async (audit) => {
    const { folder, port } = audit.server;
    await convergesAfter(audit, midst, async () => {
      const pid = isTimescaleRunning(folder)?.pid ?? 0;
      process.kill(pid, "SIGKILL");
      // Its port is the last that goes.
      expect(await until(() => isFree(port), 30_000, 10)).toBe(true);
      await audit.server.start();
    });
  });
}, 180_000);
