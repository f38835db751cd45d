import { spawnSync } from "node:child_process";

const found = spawnSync("pulumi", ["version"], { encoding: "utf8" }).status === 0;

/**
 * Tests that run the real CLI, with its language host and the provider of dynamic resources. No plugin is downloaded.
 * Without a CLI on the PATH they are skipped, and their name says so.
 */
export function describeWithPulumi(name: string, tests: () => void): void {
  if (found) describe(name, tests);
  else describe.skip(`${name} (skipped: no Pulumi CLI on the PATH)`, tests);
}
