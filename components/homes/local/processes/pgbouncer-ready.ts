/** Whether PgBouncer lets its clients through to their servers. */
import { DatabaseError } from "pg";
import { connectClient } from "../../../connections/connect";
import { HOST } from "./ports";

/** A login for one of PgBouncer's entries. */
export interface EntryLogin {
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** Milliseconds for a log-in, and for a query. A client that waits longer for a busy server is not refused. */
const PATIENCE = 3000;

/**
 * The entries that refuse a client, each with PgBouncer's words. After a failed log-in to a server PgBouncer refuses all
 * clients of that login until another attempt succeeds, and makes that attempt only when a client asks for something:
 * so this also ends the refusal.
 */
export async function refusals(port: number, logins: readonly EntryLogin[]): Promise<string[]> {
  const found: string[] = [];
  // One after another: an entry may have a single server connection.
  for (const login of logins) {
    const text = await refusal(port, login);
    if (text !== undefined) found.push(text);
  }
  return found;
}

async function refusal(port: number, login: EntryLogin): Promise<string | undefined> {
  const times = { connectionTimeoutMillis: PATIENCE, query_timeout: PATIENCE };
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
