import { type Client, type ClientConfig, DatabaseError } from "pg";
import type { MajorVersion } from "../lib/parameters";
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
 * Settings of every administrative session, which no parameter of a server, a database or a role may end, refuse or
 * keep waiting: the session is what repairs such a parameter.
 */
const ADMINISTRATIVE: SessionSettings = {
  ...NO_TIMEOUTS,
  // A commit would wait for a stand-by that this session is there to build.
  synchronous_commit: "local",
  default_transaction_read_only: "off",
  exit_on_error: "off",
  local_preload_libraries: "",
};

/** The same, of those that a major version has. */
export function administrativeSettings(major: MajorVersion): SessionSettings {
  return major >= 17 ? ADMINISTRATIVE : withoutTransactionTimeout(ADMINISTRATIVE);
}

function withoutTransactionTimeout(settings: SessionSettings): SessionSettings {
  const { transaction_timeout: _, ...known } = settings;
  return known;
}

/** Only a superuser may leave these libraries out. */
const NO_LIBRARIES: SessionSettings = { session_preload_libraries: "" };

/** SQLSTATEs that the start-up of a session may fail with. */
const UNKNOWN_PARAMETER = "42704";
const MISSING_LIBRARY = "58P01";

/** Opens an administrative session; see {@link connectClient}. @param settings more settings of the session */
export function connectAdministrator(
  config: ClientConfig,
  settings: SessionSettings = {},
): Promise<Client> {
  return connectWith(config, { ...ADMINISTRATIVE, ...settings });
}

/**
 * Opens a session with settings that hold from its start, before anything is looked up in it. A `RESET` goes back to
 * them.
 */
export async function connectWith(
  config: ClientConfig,
  settings: SessionSettings,
): Promise<Client> {
  try {
    return await connectClient({ ...config, options: startupOptions(settings) });
  } catch (error) {
    const code = error instanceof DatabaseError ? error.code : undefined;
    // PostgreSQL 16 has no transaction_timeout.
    if (code === UNKNOWN_PARAMETER && "transaction_timeout" in settings) {
      return connectWith(config, withoutTransactionTimeout(settings));
    }
    if (code === MISSING_LIBRARY && settings["local_preload_libraries"] === "") {
      const bare = { ...settings, ...NO_LIBRARIES };
      return connectClient({ ...config, options: startupOptions(bare) }).catch(() => {
        throw error;
      });
    }
    throw error;
  }
}

/** Settings as libpq's `options` take them. A value without spaces needs no escape. */
export function startupOptions(settings: SessionSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(" ");
}
