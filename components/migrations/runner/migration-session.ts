import { type Client, DatabaseError } from "pg";
import type { Directives } from "../plan/migration-files";

/** How soon a server notices that a runner is gone in the middle of a statement; otherwise only at the statement's end. */
const CHECK_CLIENT_EVERY = "2s";

/**
 * Makes a session what the runner works in: names are looked up among the built-in ones only, no time-out but the
 * file's holds, whatever the server or the role sets, and what an earlier file has set, or made for the session, is
 * gone. The role has to be one that the login may set.
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
    // Before PostgreSQL 14, and on systems that cannot tell, there is no such thing.
    if (!(error instanceof DatabaseError)) throw error;
  }
}
