import { type Client, type ClientConfig, DatabaseError } from "pg";
import type { MajorVersion } from "../parameters/parameters";
import { connectClient } from "./connect";

/** Parameters by name, as a session sets them for itself. */
export type SessionSettings = Readonly<Record<string, string>>;

/** Time-outs of a server, a database or a role that would end a session in the middle of its work. */
export const NO_TIMEOUTS: SessionSettings = {
  statement_timeout: "0",
  lock_timeout: "0",
  transaction_timeout: "0",
  idle_session_timeout: "0",
  idle_in_transaction_session_timeout: "0",
};

/**
 * Settings of every administrative session. No parameter of a server, a database or a role may end or refuse it: the
 * session repairs such a parameter. A commit stays as safe as the server makes it.
 */
const ADMINISTRATIVE: SessionSettings = {
  ...NO_TIMEOUTS,
  exit_on_error: "off",
  local_preload_libraries: "",
};

/** Only a superuser may leave these libraries out. */
const NO_LIBRARIES: SessionSettings = { session_preload_libraries: "" };

/** The settings of every administrative session that a major version has. */
export function administrativeSettings(major: MajorVersion): SessionSettings {
  return major >= 17 ? ADMINISTRATIVE : withoutTransactionTimeout(ADMINISTRATIVE);
}

/** Opens an administrative session; see {@link connectClient}. @param more further settings of the session */
export async function connectAdministrator(
  config: ClientConfig,
  more: SessionSettings = {},
): Promise<Client> {
  const settings = { ...ADMINISTRATIVE, ...more };
  try {
    return await connectWith(config, settings);
  } catch (error) {
    if (codeOf(error) !== MISSING_LIBRARY) throw error;
    return connectWith(config, { ...settings, ...NO_LIBRARIES }).catch(() => {
      throw error;
    });
  }
}

/** SQLSTATEs that the start of a session may fail with. */
const UNKNOWN_PARAMETER = "42704";
const MISSING_LIBRARY = "58P01";

/** Opens a session with settings that hold from its start. `RESET` returns to them. */
export async function connectWith(
  config: ClientConfig,
  settings: SessionSettings,
): Promise<Client> {
  try {
    return await connectClient({ ...config, options: startupOptions(settings) });
  } catch (error) {
    const tooNew = codeOf(error) === UNKNOWN_PARAMETER && "transaction_timeout" in settings;
    if (!tooNew) throw error;
    return connectWith(config, withoutTransactionTimeout(settings));
  }
}

/** PostgreSQL 16 and earlier have no transaction_timeout. */
function withoutTransactionTimeout(settings: SessionSettings): SessionSettings {
  const { transaction_timeout: _, ...known } = settings;
  return known;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

/** Settings as libpq's `options` take them. A value without spaces needs no escape. */
export function startupOptions(settings: SessionSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(" ");
}
