import { spawnSync } from "node:child_process";
import * as path from "node:path";

/**
 * Runs a scanner. @param expected exit codes of a completed scan
 * @throws Error with the program's output, for any other exit code
 */
export function runTool(
  program: string,
  args: readonly string[],
  expected: readonly number[],
  environment: Readonly<Record<string, string>> = {},
): { readonly status: number; readonly output: string } {
  const { status, stdout, stderr, error } = spawnSync(program, [...args], {
    encoding: "utf8",
    env: { ...process.env, ...environment },
    maxBuffer: 256 * 2 ** 20,
  });
  if (error) throw error;
  if (status === null || !expected.includes(status)) {
    throw new Error(
      `${path.basename(program)} exited with ${String(status)}:\n${stderr || stdout}`,
    );
  }
  return { status, output: stdout };
}
