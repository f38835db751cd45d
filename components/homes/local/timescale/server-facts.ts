/** What a running embedded TimescaleDB says of itself, in a file of its folder. */
import { join } from "node:path";
import { readIfThere, writePrivately } from "../processes/private-files";
import type { ServiceUser } from "../processes/service-user";

/** Names the server's process. */
export function pidFile(folder: string): string {
  return join(folder, "server.pid");
}

/** What the server's process is told, beside what its command line says. */
export interface TimescaleSettings {
  /** SCRAM verifier of the superuser `postgres`. */
  readonly adminVerifier: string;
  /** Logins that come before the application, each with the seconds that it waits for its turn. */
  readonly patience: Readonly<Record<string, number>>;
}

export const readyFile = (folder: string): string => join(folder, "ready.json");

const settingsFile = (folder: string): string => join(folder, "server.json");

export function readSettings(folder: string): TimescaleSettings {
  // Written by this project alone, as a whole.
  return JSON.parse(readIfThere(settingsFile(folder)) ?? "") as TimescaleSettings;
}

/** @returns whether they differ from those that were there. */
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

export interface ReadyTimescale extends EngineVersions {
  readonly systemIdentifier: string;
  readonly pid: number;
  readonly port: number;
}

/** What the last process of the folder said once it was ready. */
export function readReady(folder: string): ReadyTimescale | undefined {
  const text = readIfThere(readyFile(folder));
  // Written by this project alone, as a whole.
  return text === undefined ? undefined : (JSON.parse(text) as ReadyTimescale);
}
