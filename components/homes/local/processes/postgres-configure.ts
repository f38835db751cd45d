/** Applies a configuration to a server with as little disturbance as possible, and verifies it. */
import { join } from "node:path";
import { type Client, DatabaseError } from "pg";
import { connectAdministrator } from "../../../connections/administrative-connection";
import { readIfThere, writePrivately } from "./private-files";
import {
  type Admin,
  type Configuration,
  isAnswering,
  runningPostgres,
  reload,
  start,
  stop,
  writeConfiguration,
} from "./postgres";
import { serverFiles } from "./postgres-files";
import { sessionProblem, withAdmin } from "./postgres-admin";
import { waitUntil } from "./process";
import { ownerOf } from "./service-user";
import { printable } from "../../../text/printable";
import { settingKey } from "../../../settings/plan/setting-key";

/**
 * Starts a server with the configuration, if it is down, does not answer, or starts no session of the administrator. If
 * it cannot run with that, it is started with the previous configuration, if any.
 * @param login the administrator's
 * @throws with the end of the server's log.
 */
export async function ensureRunning(
  folder: string,
  configuration: Configuration,
  login: Admin,
  isHopeless?: (log: string) => boolean,
): Promise<void> {
  const adminProblem = () => sessionProblem(folder, login, connectAdministrator);
  if ((await isAnswering(folder)) && (await adminProblem()) === undefined) return;
  // Frozen, hung, refusing or down: a restart fixes all of them.
  await stop(folder);
  const restore = keepConfiguration(folder);
  writeConfiguration(folder, configuration);
  await startOrRestore(folder, login, restore, isHopeless);
}

/**
 * Writes the configuration of a running server and makes it effective: by a reload, and a restart only for parameters
 * that need one. Values that the server refuses are found before the reload, and values that prevent sessions by a
 * session after it. In both cases the previous configuration is restored.
 * @param login the administrator's
 * @param beforeRestart runs while the server is still up
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

/** Reloads the changed configuration, and tests it with a session. */
async function reloadOrRestore(
  folder: string,
  login: Admin,
  loaded: number,
  restore: (() => void) | undefined,
): Promise<void> {
  reload(folder);
  try {
    // Only a new session sees what the server has loaded.
    const changed = async () => (await withAdmin(folder, login, loadTime)) > loaded;
    if (!(await waitUntil(changed, 10_000))) {
      throw new Error("the server did not reload its configuration within 10 s");
    }
    await requireSession(folder, login);
  } catch (error) {
    restore?.();
    reload(folder);
    const repaired = async () => (await sessionProblem(folder, login)) === undefined;
    await waitUntil(repaired, 10_000);
    throw restored(error instanceof DatabaseError ? noSession(error.message) : error, restore);
  }
}

/** @throws Error if no session can start with the parameters. */
async function requireSession(folder: string, login: Admin): Promise<void> {
  const problem = await sessionProblem(folder, login);
  if (problem !== undefined) throw noSession(problem);
}

function noSession(problem: string): Error {
  return new Error(`no session can start with these parameters: ${printable(problem)}`);
}

/** Adds to the error that the previous configuration was restored, if there was one. */
function restored(error: unknown, restore: (() => void) | undefined): unknown {
  if (restore === undefined || !(error instanceof Error)) return error;
  const { message } = error;
  // On a line of its own, or it would look like part of the log above it.
  const end = message.includes("\n")
    ? "\nThe previous configuration was restored."
    : "; the previous configuration was restored";
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
    if (restore === undefined || runningPostgres(folder) !== undefined) throw error;
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

/** Remembers the generated file; the returned function restores it. Undefined for a new cluster. */
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

/** Problems of the file that the server reports before it loads it. */
async function refusedParameters(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string | null; setting: string; error: string }>(
    `select name, setting, error
     from pg_file_settings
     where sourcefile like '%/sark.conf' and error is not null
     order by name`,
  );
  // The view also reports valid values that wait for a restart as errors, and reading it marks them as pending.
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

/** Checks that every line of the file is in effect. */
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
