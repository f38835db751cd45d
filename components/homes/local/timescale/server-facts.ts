/** Files in the folder of an embedded TimescaleDB: its process id, its settings, and facts about the running server. */
import { join } from "node:path";
import { readIfThere, writePrivately } from "../processes/private-files";
import type { ServiceUser } from "../processes/service-user";

/** File with the process id of the server. */
export function pidFile(folder: string): string {
  return join(folder, "server.pid");
}

/** Settings of the server process that are not on its command line. */
export interface TimescaleSettings {
  /** SCRAM verifier of the superuser `postgres`. */
  readonly adminVerifier: string;
  /** Logins with priority over the application, with the seconds that each waits for the session. */
  readonly patience: Readonly<Record<string, number>>;
}

export const serverFactsFile = (folder: string): string => join(folder, "ready.json");

const settingsFile = (folder: string): string => join(folder, "server.json");

export function readSettings(folder: string): TimescaleSettings {
  // Written only by this project, atomically.
  return JSON.parse(readIfThere(settingsFile(folder)) ?? "") as TimescaleSettings;
}

/** @returns whether they changed. */
export function writeSettings(
  folder: string,
  settings: TimescaleSettings,
  user: ServiceUser | undefined,
): boolean {
  const text = JSON.stringify(settings);
  if (readIfThere(settingsFile(folder)) === text) return false;
  writePrivately(settingsFile(folder), text, user);
  return true;
}

export interface EngineVersions {
  /** PostgreSQL's version, such as "17.5". */
  readonly serverVersion: string;
  /** The extension's version, such as "2.23.0". */
  readonly timescaledbVersion: string;
}

export interface TimescaleFacts extends EngineVersions {
  readonly systemIdentifier: string;
  readonly pid: number;
  readonly port: number;
}

/** Facts that the last process of the folder wrote when it was ready. */
export function readServerFacts(folder: string): TimescaleFacts | undefined {
  const text = readIfThere(serverFactsFile(folder));
  // Written only by this project, atomically.
  return text === undefined ? undefined : (JSON.parse(text) as TimescaleFacts);
}
