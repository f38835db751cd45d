/** Scratch TimescaleDB servers: the embedded one, in the process that the stack runs. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { passwordVerifier } from "../components/roles/plan/scram";
import { freePort, HOST } from "../components/homes/local/processes/ports";
import { startTimescale, stopTimescale } from "../components/homes/local/timescale/server-process";
import { projectRoot } from "../components/files/project-root";
import type { ScratchServer } from "./scratch-postgres";
import { copyFolder, copyTemplate } from "./templates";

export interface ScratchTimescale extends ScratchServer {
  /** The server's folder: `data/` and `log/`. */
  readonly folder: string;
  /** Restarts the server after it was stopped or killed. */
  start(): Promise<void>;
}

/**
 * Builds the server's program into a folder below the project, where its packages are found.
 * @param root the project's folder
 */
export function buildTimescale(root = projectRoot()): string {
  const script = join(root, ".sark", "tests", String(process.pid), "timescale-main.js");
  buildSync({
    entryPoints: [join(root, "components/homes/local/timescale/timescale-main.ts")],
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
 * Starts TimescaleDB with the database `sark_audit`, in about three seconds. Its superuser gets a new password.
 * @param built the server's program. @default - built for this server
 * @param patience of logins with priority, in seconds
 */
export async function startScratchTimescale(
  built?: string,
  patience: Readonly<Record<string, number>> = {},
): Promise<ScratchTimescale> {
  const folder = mkdtempSync(join(tmpdir(), "sark-timescale-"));
  const script = built ?? buildTimescale();
  const port = await freePort();
  const password = randomBytes(16).toString("hex");
  const stop = async (): Promise<void> => {
    await stopTimescale(folder);
    rmSync(folder, { recursive: true, force: true });
    if (built === undefined) rmSync(join(script, ".."), { recursive: true, force: true });
  };
  const start = async (): Promise<void> => {
    const adminVerifier = passwordVerifier("postgres", password);
    await startTimescale(folder, {
      port,
      database: "sark_audit",
      adminVerifier,
      patience,
      script,
    });
  };
  try {
    await copyTemplate(folder, "timescale", [], async (draft) => {
      try {
        await start();
        await stopTimescale(folder);
        copyFolder(join(folder, "data"), join(draft, "data"));
      } finally {
        rmSync(folder, { recursive: true });
        mkdirSync(folder);
      }
    });
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    host: HOST,
    port,
    folder,
    user: "postgres",
    password,
    connectionString: `postgresql://postgres:${password}@${HOST}:${port}/sark_audit?sslmode=disable`,
    start,
    stop,
  };
}
