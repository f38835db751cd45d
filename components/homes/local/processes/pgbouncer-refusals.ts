/** Tests whether PgBouncer lets clients through to their servers. */
import { DatabaseError } from "pg";
import { connectClient } from "../../../connections/connect";
import { HOST } from "./ports";

/** A login for one of PgBouncer's entries. */
export interface EntryLogin {
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** Timeout in milliseconds of a log-in and of a query. A timeout is no refusal: the server may be busy. */
const TIMEOUT = 3000;

/**
 * Tests each login, and returns PgBouncer's error for each refused one. This also ends a refusal: after a failed log-in
 * to a server PgBouncer refuses that login's clients until another attempt succeeds, and it makes one only when a
 * client sends a query.
 */
export async function findRefusals(port: number, logins: readonly EntryLogin[]): Promise<string[]> {
  const found: string[] = [];
  // One after another: an entry may have a single server connection.
  for (const login of logins) {
    const text = await refusal(port, login);
    if (text !== undefined) found.push(text);
  }
  return found;
}

async function refusal(port: number, login: EntryLogin): Promise<string | undefined> {
  const times = { connectionTimeoutMillis: TIMEOUT, query_timeout: TIMEOUT };
  try {
    const client = await connectClient({ host: HOST, port, ...login, ...times });
    try {
      await client.query("select 1");
    } finally {
      await client.end();
    }
    return undefined;
  } catch (error) {
    return error instanceof DatabaseError
      ? `${login.user} at ${login.database}: ${error.message}`
      : undefined;
  }
}
