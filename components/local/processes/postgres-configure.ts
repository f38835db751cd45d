/** Brings a server to a configuration with no more disturbance than it takes, and verifies it. */
import { join } from "node:path";
import type { Client } from "pg";
import { readIfThere, writePrivately } from "./files";
import {
  type Admin,
  type Configuration,
  isAnswering,
  isRunning,
  reload,
  serverFiles,
  start,
  stop,
  writeConfiguration,
} from "./postgres";
import { withAdmin } from "./postgres-admin";
import { until } from "./process";
import { ownerOf } from "./service-user";
import { printable } from "../../lib/printable";

/** What was done to make a configuration effective. */
export type Applied = "reloaded" | "restarted";

/**
 * Starts a server that does not run, or does not answer, with the configuration. When it cannot
 * run with that, it is started with the one before, if there was one.
 * @throws with the end of the server's log.
 */
export async function bringUp(
  folder: string,
  configuration: Configuration,
  isHopeless?: (log: string) => boolean,
): Promise<void> {
  if (await isAnswering(folder)) return;
  // Frozen, hung or gone: a start is the same cure.
  await stop(folder);
  const restore = keepConfiguration(folder);
  writeConfiguration(folder, configuration);
  await startOrRestore(folder, restore, isHopeless);
}

/**
 * Writes the configuration of a running server and makes it effective: it reloads, and restarts
 * only for parameters that need it. Values that the server refuses are found before it is told of
 * them, and the configuration before stays.
 * @param login the administrator's
 * @param beforeRestart what is to be done while the server still runs
 * @throws naming each parameter that has no effect.
 */
export async function configure(
  folder: string,
  configuration: Configuration,
  login: Admin,
  beforeRestart: () => Promise<void> = () => Promise.resolve(),
): Promise<Applied> {
  const restore = keepConfiguration(folder);
  const loaded = await withAdmin(folder, login, loadTime);
  writeConfiguration(folder, configuration);
  const refused = await withAdmin(folder, login, refusedParameters);
  if (refused.length > 0) {
    restore?.();
    throw new Error(`the server refuses ${printable(refused.join("; "))}; it keeps what it had`);
  }
  reload(folder);
  // Only a session that begins afterwards sees what the server itself has loaded.
  const seen = await until(async () => (await withAdmin(folder, login, loadTime)) > loaded, 10_000);
  if (!seen) throw new Error("the server did not load its changed configuration within 10 s");
  const restart = (await withAdmin(folder, login, pendingRestart)).length > 0;
  if (restart) {
    await beforeRestart();
    await stop(folder);
    await startOrRestore(folder, restore);
  }
  await verify(folder, login);
  return restart ? "restarted" : "reloaded";
}

async function startOrRestore(
  folder: string,
  restore: (() => void) | undefined,
  isHopeless?: (log: string) => boolean,
): Promise<void> {
  try {
    await start(folder, undefined, isHopeless);
  } catch (error) {
    if (restore !== undefined && isRunning(folder) === undefined) {
      restore();
      await start(folder).catch(() => undefined);
    }
    throw error;
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
    .map(({ name, setting, error }) => `${name ?? "the file"} = '${setting}': ${error}`);
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
