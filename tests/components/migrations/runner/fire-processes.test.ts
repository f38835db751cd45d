/** Kills the runner of `sark`'s migrations at every boundary between statements; the next run resumes. */
import type { Boundary } from "../../../../components/migrations/runner/attempt";
import { boundariesOf, converged, freshSark, outcomeIn } from "../../../support/migration-cuts";
import { buildRunner, removeRunner, RunnerProcess } from "../../../support/migration-runner";
import {
  goldenSchema,
  type MigrationTarget,
  startMigrationTarget,
} from "../../../../scratch/migration-target";
import { migrationTexts } from "../../../support/migration-outcome";

const TEXTS = migrationTexts("sark");
const NAMES = Object.keys(TEXTS).sort();
const CONVERGED = converged(TEXTS, goldenSchema("sark"));

let server: MigrationTarget;
let script: string;
let steps: readonly Boundary[];

beforeAll(async () => {
  [script, server, steps] = await Promise.all([
    buildRunner(),
    startMigrationTarget(),
    boundariesOf(TEXTS),
  ]);
}, 60_000);

afterAll(async () => {
  await server.stop();
  removeRunner(script);
});

/** Runners started in advance, because starting one takes longer than its work. */
async function withRunners(
  work: (next: () => Promise<RunnerProcess>) => Promise<void>,
): Promise<void> {
  const runners = [RunnerProcess.start(script), RunnerProcess.start(script)];
  let used = 0;
  try {
    await work(async () => {
      runners.push(RunnerProcess.start(script));
      const runner = runners[used++];
      if (runner === undefined) throw new Error("no runner was started");
      await runner.ready();
      return runner;
    });
  } finally {
    await Promise.all(runners.map((runner) => runner.kill()));
  }
}

test("sark migrations resume after the runner was killed at each boundary", async () => {
  const target = await freshSark(server);
  await withRunners(async (next) => {
    for (const stopAt of steps) {
      const runner = await next();
      const answer = await runner.run({ ...target, stopAt });
      expect({ stopAt, ...answer }).toMatchObject({ stopAt, kind: "stopped" });
      await runner.kill();
    }
    const last = await next();
    expect(await last.run(target)).toEqual({ kind: "done", applied: [] });
  });
  expect(await outcomeIn(target)).toEqual(CONVERGED);
}, 180_000);

test("sark migrations resume after the runner was killed during each file", async () => {
  const midst = NAMES.flatMap((name) => {
    const own = steps.filter(({ file, before }) => file === name && before !== "end");
    return own.slice(own.length / 2, own.length / 2 + 1);
  });
  expect(midst).toHaveLength(NAMES.length);
  await withRunners(async (next) => {
    for (const stopAt of midst) {
      const target = await freshSark(server);
      const first = await next();
      expect(await first.run({ ...target, stopAt })).toMatchObject({ kind: "stopped" });
      await first.kill();
      const second = await next();
      expect(await second.run(target)).toEqual({
        kind: "done",
        applied: NAMES.filter((name) => name >= stopAt.file),
      });
      expect(await outcomeIn(target)).toEqual(CONVERGED);
    }
  });
}, 120_000);
