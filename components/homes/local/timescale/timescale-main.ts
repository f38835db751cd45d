/**
 * Entry point of the embedded TimescaleDB: the process that clients connect to, and that of the engine behind it.
 * Arguments: the server's folder, the port (or "engine"), the name of the database, the folder of the engine's package.
 */
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { writePrivately } from "../processes/private-files";
import { socketFolder } from "../processes/postgres-config";
import { systemIdentifier } from "../processes/postgres";
import { EngineProcess } from "./engine-process";
import { serveEngine } from "./engine-program";
import { pidFile, readSettings, serverFactsFile } from "./server-facts";
import { TimescaleSocketServer } from "./socket-server";

/** Milliseconds that a statement may still take when the server is stopped. */
const LAST_STATEMENT = 8000;

async function main(
  script: string,
  folder: string,
  port: number,
  database: string,
  enginePackage: string,
): Promise<void> {
  const log = (line: string): void => {
    console.log(`${new Date().toISOString()} ${line}`);
  };
  const { adminVerifier, patience } = readSettings(folder);
  // Stays the same after a restart: changed answers would reveal which roles exist.
  const secret = createHash("sha256").update(adminVerifier).digest();
  const server = new TimescaleSocketServer({ patience, secret, log });
  await server.listen({ port });
  // The command that started it may have ended, and the next one finds the server by this file.
  writePrivately(pidFile(folder), String(process.pid), undefined);
  const engine = new EngineProcess({
    ...{ folder, database, log, failed: fail },
    program: { script, package: enginePackage },
  });
  server.setEngine(engine);
  const sockets = socketFolder(folder);
  if (sockets !== undefined) {
    const path = join(sockets, `.s.PGSQL.${port}`);
    // Left by a killed server: this process holds the port now.
    rmSync(path, { force: true });
    await server.listen({ path });
  }

  let ending = false;
  const end = async (signal: string): Promise<void> => {
    if (ending) return;
    ending = true;
    log(`${signal}: closing`);
    const late = setTimeout(() => {
      engine.interrupt("57P01", "terminating connection due to administrator command");
    }, LAST_STATEMENT);
    await server.close();
    clearTimeout(late);
    await engine.close();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      end(signal).catch(fail);
    });
  }
  // The server survives the end of its terminal.
  process.on("SIGHUP", () => undefined);

  const facts = { ...(await engine.versions), systemIdentifier: systemIdentifier(folder) };
  writePrivately(
    serverFactsFile(folder),
    JSON.stringify({ pid: process.pid, port, ...facts }),
    undefined,
  );
  log(`"${database}" accepts sessions on port ${port}`);
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

const [, script = "", folder = "", port = "", database = "", enginePackage = ""] = process.argv;
if (port === "engine") serveEngine(folder, database, enginePackage);
else main(script, folder, Number(port), database, enginePackage).catch(fail);
