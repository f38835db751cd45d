import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type LintOptions, runLint } from "../../lint/lint-command";

export const root = path.resolve(__dirname, "../..");

/** A copy of the SQL that a test may change. */
export function copyOfSql(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sark-lint-"));
  fs.cpSync(path.join(root, "sql"), path.join(folder, "sql"), { recursive: true });
  fs.symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  return folder;
}

/** The exit code and the printed lines of the lint. */
export async function outputOf(
  folder: string,
  options?: Partial<LintOptions>,
): Promise<{ code: number; lines: readonly string[] }> {
  const log = jest.spyOn(console, "log").mockImplementation(() => undefined);
  try {
    const code = await runLint(folder, options);
    return { code, lines: log.mock.calls.map(([line]) => String(line)) };
  } finally {
    log.mockRestore();
  }
}
