import type { ChildProcess } from "node:child_process";
import { StackCopy } from "../../scratch/scratch-stack";

jest.setTimeout(240_000);

let stack: StackCopy;
beforeAll(async () => {
  stack = await StackCopy.make();
});
afterAll(() => stack.remove());

/** Number of finished steps after which a run is ended, plus milliseconds, so that some moments fall inside a step. */
const MOMENTS = [0, 1, 3, 1, 5, 2, 4, 1, 6, 3].map((steps, round) => ({
  steps,
  delay: (round * 83) % 200,
}));

/** Waits for this many finished steps, or for the end. Resolves to whether the run was still active. */
function finishedSteps(child: ChildProcess, steps: number): Promise<boolean> {
  return new Promise((resolve) => {
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const started = text.includes("Plan: ");
      const done = (text.match(/^ {2}. (created|updated|replaced) /gm) ?? []).length;
      if (started && done >= steps) resolve(true);
    });
    child.on("close", () => {
      resolve(false);
    });
  });
}

/** Starts `up` and ends it at the given moment; false when it had finished by then. */
async function interrupt(
  { steps, delay }: (typeof MOMENTS)[number],
  signal: NodeJS.Signals,
): Promise<boolean> {
  const child = stack.start("up", "--yes", "--engine", "embedded");
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  const running = await finishedSteps(child, steps);
  await new Promise((resolve) => setTimeout(resolve, delay));
  const ended = running && child.kill(signal);
  const code = await closed;
  if (!ended && code !== 0) throw new Error(`up failed by itself, with ${String(code)}`);
  return ended;
}

it.each([
  ["SIGKILL", MOMENTS],
  ["SIGINT", MOMENTS.slice(2, 5)],
] as const)(
  "the next up completes a run that %s ended, at each of several moments",
  async (signal, moments) => {
    for (const moment of moments) {
      // On a fast machine a run may finish before its moment: then a new stack is interrupted.
      let ended = await interrupt(moment, signal);
      if (!ended) {
        await stack.mustRun("destroy", "--yes");
        ended = await interrupt(moment, signal);
      }
      expect([moment, ended]).toEqual([moment, true]);
    }

    await stack.mustRun("up", "--yes");
    expect(await stack.run("up", "--yes", "--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await stack.run("status")).toMatchObject({ code: 0 });
    await stack.mustRun("destroy", "--yes");
  },
);
