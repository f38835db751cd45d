/**
 * Client library for tests. The program loads it by `import()`, which jest supports only with a flag of Node. Tests
 * replace `components/route/client-library` with this: the same package, bundled for `require`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as library from "@kubernetes/client-node";
import { buildSync } from "esbuild";

let loaded: typeof library | undefined;

export function clientLibrary(): Promise<typeof library> {
  loaded ??= load();
  return Promise.resolve(loaded);
}

function load(): typeof library {
  const folder = mkdtempSync(join(tmpdir(), "sark-client-"));
  const outfile = join(folder, "client.js");
  const contents = `export * from "@kubernetes/client-node"`;
  try {
    buildSync({
      stdin: { contents, resolveDir: __dirname },
      bundle: true,
      format: "cjs",
      platform: "node",
      target: "node20",
      outfile,
      logLevel: "error",
    });
    // oxlint-disable-next-line typescript/no-require-imports -- a file that was not there before
    return require(outfile) as typeof library;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
