import { type Client, DatabaseError } from "pg";
import type { Directives } from "../plan/migration-files";

/** Interval in which a server checks for a lost runner during a statement; without it, only at the statement's end. */
const CHECK_CLIENT_EVERY = "2s";

/**
 * Resets the session for the runner. The search path has only built-in names, only the file's timeouts apply, whatever
 * the server or role sets, and settings and temporary objects of earlier files are gone. The login must be allowed to
 * SET ROLE to the role.
 */
export async function prepareSession(
  client: Client,
  role: string,
  directives?: Directives,
): Promise<void> {
  const { lockTimeout = "0", statementTimeout = "0" } = directives ?? {};
  await client.query(
    `reset all; discard temp; set search_path to pg_catalog, pg_temp; set role ${client.escapeIdentifier(role)};
     set lock_timeout to ${client.escapeLiteral(lockTimeout)};
     set statement_timeout to ${client.escapeLiteral(statementTimeout)}`,
  );
  try {
    await client.query(`set client_connection_check_interval to '${CHECK_CLIENT_EVERY}'`);
  } catch (error) {
    // Not supported before PostgreSQL 14 and on some operating systems.
    if (!(error instanceof DatabaseError)) throw error;
  }
}
