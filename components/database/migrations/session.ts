import { type Client, DatabaseError } from "pg";
import type { Directives } from "../../lib/migrations/files";

/** How soon a server notices that a runner is gone in the middle of a statement; otherwise only at the statement's end. */
const CHECK_CLIENT_EVERY = "2s";

/**
 * Makes a session what the runner works in: names are looked up among the built-in ones only, and what an earlier file
 * has set is gone. The role has to be one that the login may set.
 */
export async function prepareSession(
  client: Client,
  role: string,
  directives?: Directives,
): Promise<void> {
  const { lockTimeout, statementTimeout } = directives ?? {};
  const set = (name: string, value: string | undefined): string =>
    value === undefined ? "" : `set ${name} to ${client.escapeLiteral(value)};`;
  await client.query(
    `reset all; set search_path to pg_catalog, pg_temp; set role ${client.escapeIdentifier(role)};
     ${set("lock_timeout", lockTimeout)} ${set("statement_timeout", statementTimeout)}`,
  );
  try {
    await client.query(`set client_connection_check_interval to '${CHECK_CLIENT_EVERY}'`);
  } catch (error) {
    // Before PostgreSQL 14, and on systems that cannot tell, there is no such thing.
    if (!(error instanceof DatabaseError)) throw error;
  }
}
