/** Brings a server to a configuration with no more disturbance than it takes, and verifies it. */
import { join } from "node:path";
import { type Client, DatabaseError } from "pg";
import { connectAdministrator } from "../../../connections/administrative";
import { readIfThere, writePrivately } from "./private-files";
import {
  type Admin,
  type Configuration,
  isAnswering,
  isRunning,
  reload,
  start,
  stop,
  writeConfiguration,
} from "./postgres";
import { serverFiles } from "./postgres-files";
import { sessionProblem, withAdmin } from "./postgres-admin";
import { until } from "./process";
import { ownerOf } from "./service-user";
import { printable } from "../../../text/printable";
import { settingKey } from "../../../settings/plan/setting-key";

/**
 * Starts a server that does not run, does not answer, or begins no session of the administrator, with the
 * configuration. When it cannot run with that, it is started with the one before, if there was one.
 * @param login the administrator's
 * @throws with the end of the server's log.
 */
export async function bringUp(
  folder: string,
  configuration: Configuration,
  login: Admin,
  isHopeless?: (log: string) => boolean,
): Promise<void> {
  const shutOut = () => sessionProblem(folder, login, connectAdministrator);
  if ((await isAnswering(folder)) && (await shutOut()) === undefined) return;
  // Frozen, hung, closed or gone: a start is the same cure.
  await stop(folder);
  const restore = keepConfiguration(folder);
  writeConfiguration(folder, configuration);
  await startOrRestore(folder, login, restore, isHopeless);
}

/**
 * Writes the configuration of a running server and makes it effective: it reloads, and restarts
 * only for parameters that need it. Values that the server refuses are found before it is told of
 * them, and values with which no session begins by a session afterwards: the configuration before stays.
 * @param login the administrator's
 * @param beforeRestart what is to be done while the server still runs
 * @throws naming each parameter that has no effect.
 */
export async function configure(
  folder: string,
  configuration: Configuration,
  login: Admin,
  beforeRestart: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const restore = keepConfiguration(folder);
  const loaded = await withAdmin(folder, login, loadTime);
  writeConfiguration(folder, configuration);
  try {
    const refused = await withAdmin(folder, login, refusedParameters);
    if (refused.length > 0) {
      throw new Error(`the server refuses ${printable(refused.join("; "))}`);
    }
  } catch (error) {
    restore?.();
    throw restored(error, restore);
  }
  await reloadOrRestore(folder, login, loaded, restore);
  if ((await withAdmin(folder, login, pendingRestart)).length > 0) {
    await beforeRestart();
    await stop(folder);
    await startOrRestore(folder, login, restore);
  }
  await verify(folder, login);
}

/** Tells the server of its changed configuration, and tries a session with it. */
async function reloadOrRestore(
  folder: string,
  login: Admin,
  loaded: number,
  restore: (() => void) | undefined,
): Promise<void> {
  reload(folder);
  try {
    // Only a session that begins afterwards sees what the server itself has loaded.
    const changed = async () => (await withAdmin(folder, login, loadTime)) > loaded;
    if (!(await until(changed, 10_000))) {
      throw new Error("the server did not load its changed configuration within 10 s");
    }
    await requireSession(folder, login);
  } catch (error) {
    restore?.();
    reload(folder);
    const repaired = async () => (await sessionProblem(folder, login)) === undefined;
    await until(repaired, 10_000);
    throw restored(error instanceof DatabaseError ? noSession(error.message) : error, restore);
  }
}

/** @throws Error if the parameters let no session begin. */
async function requireSession(folder: string, login: Admin): Promise<void> {
  const problem = await sessionProblem(folder, login);
  if (problem !== undefined) throw noSession(problem);
}

function noSession(problem: string): Error {
  return new Error(`no session begins with these parameters: ${printable(problem)}`);
}

/** The same error, which says that the configuration before is back, if there was one. */
function restored(error: unknown, restore: (() => void) | undefined): unknown {
  if (restore === undefined || !(error instanceof Error)) return error;
  const { message } = error;
  // Below lines of the server's log it would be taken for one of them.
  const end = message.includes("\n")
    ? "\nThe server keeps what it had."
    : "; the server keeps what it had";
  return new Error(`${message}${end}`, { cause: error });
}

async function startOrRestore(
  folder: string,
  login: Admin,
  restore: (() => void) | undefined,
  isHopeless?: (log: string) => boolean,
): Promise<void> {
  try {
    await start(folder, undefined, isHopeless);
  } catch (error) {
    if (restore === undefined || isRunning(folder) !== undefined) throw error;
    restore();
    const back = await start(folder).catch(() => undefined);
    throw back === undefined ? error : restored(error, restore);
  }
  try {
    await requireSession(folder, login);
  } catch (error) {
    if (restore !== undefined) {
      await stop(folder);
      restore();
      await start(folder);
    }
    throw restored(error, restore);
  }
}

/** Remembers the generated file; the result puts it back. None of a cluster that is just made. */
function keepConfiguration(folder: string): (() => void) | undefined {
  const path = join(serverFiles(folder).data, "sark.conf");
  const text = readIfThere(path) ?? "";
  if (text === "") return undefined;
  return () => {
    writePrivately(path, text, ownerOf(serverFiles(folder).data));
  };
}

async function loadTime(client: Client): Promise<number> {
  const { rows } = await client.query<{ at: string }>(
    "select extract(epoch from pg_conf_load_time()) as at",
  );
  return Number(rows[0]?.at);
}

/** What the server says of the file before it has been told to load it. */
async function refusedParameters(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string | null; setting: string; error: string }>(
    `select name, setting, error
     from pg_file_settings
     where sourcefile like '%/sark.conf' and error is not null
     order by name`,
  );
  // A good value that waits for a restart is an "error", too; reading the view marks it as such.
  const waiting = await pendingRestart(client);
  return rows
    .filter(({ name }) => name === null || !waiting.includes(name))
    .map(({ name, setting, error }) => {
      const key = name === null ? "the file" : settingKey(["sark", "parameters", name]);
      return `${key} = '${setting}': ${error}`;
    });
}

async function pendingRestart(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    "select name from pg_settings where pending_restart order by name",
  );
  return rows.map(({ name }) => name);
}

/** Every line of the file must be what the server runs with. */
async function verify(folder: string, login: Admin): Promise<void> {
  const { rows } = await withAdmin(folder, login, (client) =>
    client.query<{ name: string; setting: string; overridden: boolean; error: string | null }>(
      `select f.name, f.setting, f.error,
              exists (select from pg_file_settings later
                      where later.name = f.name and later.seqno > f.seqno) as overridden
       from pg_file_settings f
       where f.sourcefile like '%/sark.conf' and not f.applied
       order by f.name`,
    ),
  );
  if (rows.length === 0) return;
  const problems = rows.map(({ name, setting, overridden, error }) =>
    overridden
      ? `${name} = '${setting}' is overridden by ALTER SYSTEM (undo it: alter system reset ${name})`
      : `${name} = '${setting}': ${error ?? "not applied"}`,
  );
  throw new Error(`parameters without effect: ${printable(problems.join("; "))}`);
}
