import { type Client, type ClientConfig, DatabaseError } from "pg";
import type { MajorVersion } from "../parameters/parameters";
import { connectClient } from "./connect";

/** Session settings by name. */
export type SessionSettings = Readonly<Record<string, string>>;

/** Disables timeouts that a server, a database or a role may set and that would end a session during its work. */
export const NO_TIMEOUTS: SessionSettings = {
  statement_timeout: "0",
  lock_timeout: "0",
  transaction_timeout: "0",
  idle_session_timeout: "0",
  idle_in_transaction_session_timeout: "0",
};

/**
 * Settings of every administrative session. The session repairs bad parameters, so no parameter of a server, a database
 * or a role may end or prevent it. synchronous_commit stays as the server has it.
 */
const ADMINISTRATIVE: SessionSettings = {
  ...NO_TIMEOUTS,
  exit_on_error: "off",
  local_preload_libraries: "",
};

/** Only superusers may override this setting. */
const NO_LIBRARIES: SessionSettings = { session_preload_libraries: "" };

/** Settings of every administrative session, for a major version. */
export function administrativeSettings(major: MajorVersion): SessionSettings {
  return major >= 17 ? ADMINISTRATIVE : withoutTransactionTimeout(ADMINISTRATIVE);
}

/** Opens an administrative session; see {@link connectClient}. @param more additional session settings */
export async function connectAdministrator(
  config: ClientConfig,
  more: SessionSettings = {},
): Promise<Client> {
  const settings = { ...ADMINISTRATIVE, ...more };
  try {
    return await connectWithSettings(config, settings);
  } catch (error) {
    if (codeOf(error) !== MISSING_LIBRARY) throw error;
    return connectWithSettings(config, { ...settings, ...NO_LIBRARIES }).catch(() => {
      throw error;
    });
  }
}

/** SQLSTATEs with which starting a session may fail. */
const UNKNOWN_PARAMETER = "42704";
const MISSING_LIBRARY = "58P01";

/** Opens a session with startup settings. `RESET` returns to them. */
export async function connectWithSettings(
  config: ClientConfig,
  settings: SessionSettings,
): Promise<Client> {
  try {
    return await connectClient({ ...config, options: startupOptions(settings) });
  } catch (error) {
    const tooNew = codeOf(error) === UNKNOWN_PARAMETER && "transaction_timeout" in settings;
    if (!tooNew) throw error;
    return connectWithSettings(config, withoutTransactionTimeout(settings));
  }
}

/** PostgreSQL 16 and earlier lack transaction_timeout. */
function withoutTransactionTimeout(settings: SessionSettings): SessionSettings {
  const { transaction_timeout: _, ...known } = settings;
  return known;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

/** Settings in the format of libpq's `options`. Values without spaces need no escaping. */
export function startupOptions(settings: SessionSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(" ");
}
