/** Interrupts the migrations of `sark_audit` on the embedded TimescaleDB at every boundary; the next run resumes. */
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import type { ClientConfig } from "pg";
import type { Boundary } from "../../../../components/migrations/runner/attempt";
import { isFree } from "../../../../components/homes/local/processes/ports";
import { waitUntil } from "../../../../components/homes/local/processes/process";
import { runningTimescale } from "../../../../components/homes/local/timescale/server-process";
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

/** A separate server, with the roles that the database layer creates before migrations. */
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
    // The superuser's session bypasses the proxy that is cut.
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
  at: readonly Boundary[],
  cut: () => void | Promise<void>,
): Promise<void> {
  expect(await cutAtEach(target, at, cut)).toEqual(expectedOf(target, at));
  await migrate(target.connection, TEXTS, OWNER);
  expect(await outcomeIn(target)).toEqual(CONVERGED);
}

test("sark_audit migrations have a boundary around each statement, ledger row and file", async () => {
  await withAudit(async ({ target }) => {
    expect(await stepsOf(target)).toEqual(await boundariesOf(TEXTS));
    expect(await outcomeIn(target)).toEqual(CONVERGED);
  });
}, 60_000);

test("sark_audit migrations resume after their session was cut at each boundary", async () => {
  const steps = await boundariesOf(TEXTS);
  await withAudit(async (audit) => {
    await convergesAfter(audit, steps, () => {
      audit.proxy.cut();
    });
  });
}, 180_000);

test("sark_audit migrations resume after the server was killed during every other file", async () => {
  const steps = await boundariesOf(TEXTS);
  const ends = steps.filter(({ before }) => before === "ledger");
  const midst = ends.filter((_, index) => index % 2 === 0);
  await withAudit(async (audit) => {
    const { folder, port } = audit.server;
    await convergesAfter(audit, midst, async () => {
      const pid = runningTimescale(folder)?.pid ?? 0;
      process.kill(pid, "SIGKILL");
      // The port is the last thing to close.
      expect(await waitUntil(() => isFree(port), 30_000, 10)).toBe(true);
      await audit.server.start();
    });
  });
}, 180_000);
