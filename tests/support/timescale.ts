/** Scratch TimescaleDB servers for tests: the embedded one, as the process that the stack runs. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { freePort, HOST } from "../../components/local/processes/ports";
import { startTimescale, stopTimescale } from "../../components/local/processes/timescale";
import type { ScratchServer } from "./postgres";

export interface ScratchTimescale extends ScratchServer {
  /** The server's folder: `data/` and `log/`. */
  readonly folder: string;
}

/** Builds the server's program into a folder below the project, where its packages are found. */
export function buildTimescale(): string {
  const root = join(__dirname, "..", "..");
  const script = join(root, ".sark", "tests", String(process.pid), "timescale-main.js");
  buildSync({
    entryPoints: [join(root, "components/local/processes/timescale-main.ts")],
    outfile: script,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "silent",
  });
  return script;
}

/**
 * Starts TimescaleDB with the database `sark_audit`; about three seconds. No password is asked.
 * @param built the server's program. @default one of the scratch server's own
 */
export async function startScratchTimescale(built?: string): Promise<ScratchTimescale> {
  const folder = mkdtempSync(join(tmpdir(), "sark-timescale-"));
  const script = built ?? buildTimescale();
  const port = await freePort();
  const stop = async (): Promise<void> => {
    await stopTimescale(folder);
    rmSync(folder, { recursive: true, force: true });
    if (built === undefined) rmSync(join(script, ".."), { recursive: true, force: true });
  };
  try {
    await startTimescale(folder, { port, database: "sark_audit", script });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    host: HOST,
    port,
    folder,
    user: "postgres",
    password: "",
    connectionString: `postgresql://postgres@${HOST}:${port}/sark_audit?sslmode=disable`,
    stop,
  };
}
