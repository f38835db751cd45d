/**
 * The embedded TimescaleDB as a process of its own.
 * Arguments: the server's folder, the port, the name of the database, the folder of the engine's package.
 */
import { join } from "node:path";
import { writePrivately } from "../processes/files";
import { TimescaleEngine } from "./engine";
import { describe, pidFile, readSettings } from "./facts";
import { TimescaleSocketServer } from "./socket-server";

async function main(folder: string, port: number, database: string, engine: string): Promise<void> {
  const log = (line: string): void => {
    console.log(`${new Date().toISOString()} ${line}`);
  };
  // Whoever started it may be gone by now, and the next command has to know it as its own.
  writePrivately(pidFile(folder), String(process.pid), undefined);
  const { adminVerifier, patience } = readSettings(folder);
  const server = new TimescaleSocketServer({ database, patience, log });
  const listening = await server.listen(port);
  const opening = TimescaleEngine.open({
    ...{ data: join(folder, "data"), database, adminVerifier },
    package: engine,
  });
  server.use(opening);

  let ending = false;
  const end = async (signal: string): Promise<void> => {
    if (ending) return;
    ending = true;
    log(`${signal}: closing`);
    await server.close();
    await (await opening).close();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      end(signal).catch(fail);
    });
  }
  // The terminal that started it may go; the server stays.
  process.on("SIGHUP", () => undefined);

  const facts = await describe(await opening, folder);
  writePrivately(
    join(folder, "ready.json"),
    JSON.stringify({ pid: process.pid, port: listening, ...facts }),
    undefined,
  );
  log(`"${database}" takes sessions on port ${listening}`);
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

const [, , folder = "", port = "", database = "", engine = ""] = process.argv;
main(folder, Number(port), database, engine).catch(fail);
