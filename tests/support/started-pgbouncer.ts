/** A real PgBouncer for tests: found on the PATH, started in its own folder, and stopped after the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";

import type { PgBouncerSettings } from "../../components/pool/plan/pgbouncer-ini";
import {
  privateFolder,
  writePrivately,
} from "../../components/homes/local/processes/private-files";
import { findPgBouncer } from "../../components/homes/local/processes/pgbouncer";
import { freePort, HOST } from "../../components/homes/local/processes/ports";
import { waitUntil } from "../../components/homes/local/processes/process";
import { userOptions, serviceUser } from "../../components/homes/local/processes/service-user";

/** The program and its version, such as `1.18.0`; undefined if it is not installed. */
export const pgbouncerProgram = findPgBouncer();

/**
 * Like `describe`, for tests that need a real PgBouncer. Without it they fail in CI, and elsewhere are skipped under a
 * title that gives the reason.
 */
export function describeWithPgbouncer(name: string, claims: () => void): void {
  if (pgbouncerProgram !== undefined) {
    describe(name, claims);
  } else if (process.env["CI"] === undefined) {
    describe.skip(`${name} (skipped: no pgbouncer on the PATH)`, claims);
  } else {
    describe(name, () => {
      it("needs pgbouncer on the PATH", () => {
        throw new Error("pgbouncer is not on the PATH; in CI that is a failure, not a skip");
      });
    });
  }
}

/** Port and folder of a PgBouncer for a test. */
export interface PgbouncerPlace {
  readonly folder: string;
  readonly port: number;
  readonly userlist: string;
}

/** Login for the admin console; the userlist of a test must contain it. */
export const CONSOLE = { name: "console", secret: "console password" } as const;

/** Settings that a PgBouncer needs for its port and folder. */
export function placeSettings(place: PgbouncerPlace): PgBouncerSettings {
  return {
    admin_users: CONSOLE.name,
    auth_file: place.userlist,
    listen_addr: HOST,
    listen_port: place.port,
    unix_socket_dir: "",
  };
}

/** A PgBouncer that accepts connections. */
export interface RunningPgbouncer {
  readonly place: PgbouncerPlace;
  /** Runs one command of the admin console. */
  readonly ask: (command: string) => Promise<Record<string, unknown>[]>;
  /** Runs one query as a client, on a separate connection. */
  readonly query: (login: Login, sql: string) => Promise<Record<string, unknown>[]>;
  /** Whether it logs such a line soon: a reply may arrive before the log line. */
  readonly logs: (line: RegExp) => Promise<boolean>;
  readonly stop: () => Promise<void>;
}

interface Login {
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/**
 * Starts PgBouncer with the configuration that `ini` makes for its port and folder.
 * @param openFiles limit of open files. @default - that of this process
 * @throws with its log if it ends instead of listening.
 */
export async function startPgbouncer(
  ini: (place: PgbouncerPlace) => string,
  userlist: string,
  openFiles?: number,
): Promise<RunningPgbouncer> {
  const user = serviceUser();
  const folder = mkdtempSync(join(tmpdir(), "pgbouncer-test-"));
  privateFolder(folder, user);
  const place = { folder, port: await freePort(), userlist: join(folder, "userlist.txt") };
  const file = join(folder, "pgbouncer.ini");
  try {
    writePrivately(file, ini(place), user);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  writePrivately(place.userlist, userlist, user);

  const limit = openFiles === undefined ? "" : `ulimit -n ${openFiles} && `;
  const program = pgbouncerProgram?.path ?? "pgbouncer";
  const child = spawn("/bin/sh", ["-c", `${limit}exec "$0" "$1"`, program, file], {
    ...userOptions(user),
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };

  const started = await new Promise<boolean>((resolve) => {
    child.stderr.on("data", () => {
      if (log.includes("process up")) resolve(true);
    });
    child.once("close", () => {
      resolve(false);
    });
  });
  if (!started) {
    await stop();
    throw new Error(`pgbouncer ended while it started:\n${log}`);
  }
  const logs = (line: RegExp) => waitUntil(() => line.test(log), 3000);
  const query = (login: Login, sql: string) => queryOnce(place.port, login, sql);
  const console = { database: "pgbouncer", user: CONSOLE.name, password: CONSOLE.secret };
  return { place, ask: (command) => query(console, command), query, logs, stop };
}

/** Runs one query by the simple protocol, the only one of the admin console. */
async function queryOnce(
  port: number,
  login: Login,
  sql: string,
): Promise<Record<string, unknown>[]> {
  const client = new Client({ host: HOST, port, ...login, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

/** SIGQUIT ends it at once in every version; since 1.23 SIGTERM waits for its clients. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGQUIT");
  const late = setTimeout(() => child.kill("SIGKILL"), 3000);
  await closed;
  clearTimeout(late);
}
