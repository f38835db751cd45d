/** Waits until a pool has its configuration and serves its clients, also if only its servers changed. */
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { PgBouncerConfig } from "../../../pool/plan/pgbouncer-ini";
import { logExcerpt } from "../processes/log-excerpt";
import { lastLines, readIfThere, writePrivately } from "../processes/private-files";
import { existingServerFolder } from "../processes/paths";
import { pgbouncerFiles } from "../processes/pgbouncer";
import { type ConsoleLogin, configurationDifferences } from "../processes/pgbouncer-console";
import { type EntryLogin, findRefusals } from "../processes/pgbouncer-refusals";
import { isAnsweringOn, HOST } from "../processes/ports";
import { runningPostgres } from "../processes/postgres";
import { waitUntil } from "../processes/process";
import { ownerOf } from "../processes/service-user";
import { runningTimescale } from "../timescale/server-process";
import type { PgBouncerInputs } from "./pgbouncer-entries";

/** Milliseconds to wait until entries let clients in: after PgBouncer's start, and after a server's start. */
const AFTER_START = 15_000;
const AFTER_SERVERS_START = 3000;

/** Waits until the console shows the wanted configuration: a reload takes effect a moment after the signal. */
export async function awaitConfiguration(
  inputs: PgBouncerInputs,
  config: PgBouncerConfig,
): Promise<void> {
  const login = consoleLogin(inputs);
  if (!login) return;
  const numbers = Object.fromEntries(
    Object.entries(config.settings ?? {}).flatMap(([key, value]) =>
      typeof value === "number" ? [[key, value]] : [],
    ),
  );
  let left: readonly string[] = [];
  const same = await waitUntil(async () => {
    left = await configurationDifferences(
      inputs.port,
      login,
      Object.keys(inputs.databases),
      numbers,
    );
    return left.length === 0;
  }, 5000);
  if (!same) throw new Error(`PgBouncer did not apply: ${left.join(", ")}`);
}

function consoleLogin(inputs: PgBouncerInputs): ConsoleLogin | undefined {
  const names = String(inputs.pgbouncer["stats_users"] ?? "").split(/[\s,]+/);
  const found = inputs.userlist.find(({ name }) => names.includes(name));
  return found && { user: found.name, password: found.secret };
}

/** Waits until every entry lets a client in. @throws with PgBouncer's reasons when one does not */
export async function awaitServing(folder: string, pool: PgBouncerInputs): Promise<void> {
  const left = await remainingRefusals(
    AFTER_START,
    pool.port,
    loginsOf(pool, Object.keys(pool.databases)),
  );
  if (left.length > 0) {
    throw new Error(
      `PgBouncer is running but refuses clients (${left.join("; ")})` +
        logExcerpt(folder, lastLines(pgbouncerFiles(folder).log, 100)),
    );
  }
  writeServed(folder, pool);
}

/**
 * Makes an unchanged pool let clients in again. After a server was down and started, PgBouncer may still refuse
 * clients.
 */
export async function awaitServingAfterServerStart(
  folder: string,
  pool: PgBouncerInputs,
): Promise<void> {
  const before = readServed(folder);
  const now = serversOf(pool);
  const other = Object.keys(pool.databases).filter(
    (name) => !(name in now) || now[name] !== before[name],
  );
  const listening = await Promise.all(other.map((name) => isListening(pool.databases[name])));
  const entries = other.filter((_name, at) => listening[at]);
  const logins = loginsOf(pool, entries);
  const left = await remainingRefusals(AFTER_SERVERS_START, pool.port, logins);
  if (logins.length > 0 && left.length === 0) writeServed(folder, pool);
}

async function remainingRefusals(
  milliseconds: number,
  port: number,
  logins: readonly EntryLogin[],
): Promise<readonly string[]> {
  let left: readonly string[] = [];
  const causes = new Map<string, string>();
  const serves = async (): Promise<boolean> => {
    left = await findRefusals(port, logins);
    for (const text of left) if (!text.includes(RETRY_MESSAGE)) causes.set(clientOf(text), text);
    return left.length === 0;
  };
  await waitUntil(serves, milliseconds, 100);
  return left.map((text) => causes.get(clientOf(text)) ?? text);
}

/** PgBouncer's message to clients between two log-in attempts to a server; the first one had the cause. */
const RETRY_MESSAGE = "server login has been failing";

/** The start of a refusal, such as `app at sark`. */
function clientOf(refusal: string): string {
  return refusal.slice(0, refusal.indexOf(": "));
}

/** The logins to test: the application's, or else PgBouncer's own, with which it looks clients up. */
function loginsOf(
  { databases, userlist, clients }: PgBouncerInputs,
  entries: readonly string[],
): readonly EntryLogin[] {
  return entries.flatMap((database) => {
    const own = userlist
      .filter(({ name }) => name === databases[database]?.["auth_user"])
      .map(({ name, secret }) => ({ database, user: name, password: secret }));
    const applications = clients.filter((client) => client.database === database);
    return applications.length > 0 ? applications : own;
  });
}

/** Whether the entry leads to a local server that listens. `up` starts no servers elsewhere. */
async function isListening(
  entry: PgBouncerInputs["databases"][string] | undefined,
): Promise<boolean> {
  return entry?.["host"] === HOST && (await isAnsweringOn(Number(entry["port"])));
}

/** Process ids of local servers, by entry. */
function serversOf({ databases }: PgBouncerInputs): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(databases).flatMap(([name, { socket }]) => {
      const folder = socket === undefined ? undefined : existingServerFolder(socket);
      if (folder === undefined) return [];
      const pid = (runningPostgres(folder) ?? runningTimescale(folder))?.pid;
      return pid === undefined ? [] : [[name, pid]];
    }),
  );
}

/** File with the process ids of the servers that each entry last served. */
const servedFile = (folder: string): string => join(folder, "served.json");

function readServed(folder: string): Readonly<Record<string, number>> {
  const text = readIfThere(servedFile(folder));
  const found = z.record(z.string(), z.number()).safeParse(JSON.parse(text ?? "{}"));
  return found.data ?? {};
}

function writeServed(folder: string, pool: PgBouncerInputs): void {
  const servers = serversOf(pool);
  if (isDeepStrictEqual(servers, readServed(folder))) return;
  writePrivately(servedFile(folder), JSON.stringify(servers), ownerOf(folder));
}
