import type { Client } from "pg";
import {
  AUTH_SCHEMA,
  STORED_AUTH_FUNCTION,
  VERIFIERS,
  authFunctionSql,
} from "./plan/auth-query-plan";
import {
  type ConnectionInput,
  databaseProvider,
  withClient,
} from "../connections/provider-connection";

export interface AuthQueryInputs {
  readonly connection: ConnectionInput;
  /** PgBouncer's own login, the only role that may call the function. */
  readonly caller: string;
  /** Logins whose verifiers the function may return. */
  readonly logins: readonly string[];
  /** SCRAM verifiers of these logins. Set when the server does not show them; they are stored in a table. */
  readonly verifiers?: Readonly<Record<string, string>>;
}

/**
 * Creates PgBouncer's look-up function for SCRAM verifiers. The PostgreSQL provider's function resource cannot set
 * `search_path`; without it, a SECURITY DEFINER function could be made to run foreign code.
 */
export const authQueryProvider = {
  ...databaseProvider<AuthQueryInputs>(
    "auth-query",
    { connection: true, caller: true, logins: true, verifiers: true },
    install,
  ),
  async delete(_id: string, { connection }: AuthQueryInputs): Promise<void> {
    await withClient(connection, (client) =>
      client.query(`drop schema if exists ${AUTH_SCHEMA} cascade`),
    );
  },
};

async function install(client: Client, inputs: AuthQueryInputs): Promise<void> {
  const caller = client.escapeIdentifier(inputs.caller);
  const logins = inputs.logins.map((login) => client.escapeLiteral(login));
  await client.query(`
      create schema if not exists ${AUTH_SCHEMA};
      revoke all on schema ${AUTH_SCHEMA} from public;
      ${inputs.verifiers ? storedSql(client, inputs.verifiers) : authFunctionSql(logins)}
      revoke all on all functions in schema ${AUTH_SCHEMA} from public;
      grant usage on schema ${AUTH_SCHEMA} to ${caller};
      grant execute on function ${AUTH_SCHEMA}.user_lookup(text) to ${caller};`);
}

/**
 * SQL for the table with exactly these verifiers, and the function that reads it. Only the owner can read the table.
 */
function storedSql(client: Client, verifiers: Readonly<Record<string, string>>): string {
  const rows = Object.entries(verifiers).map(
    (row) => `(${row.map((text) => client.escapeLiteral(text)).join(", ")})`,
  );
  return `
      create table if not exists ${VERIFIERS} (login text primary key, verifier text not null);
      delete from ${VERIFIERS};
      insert into ${VERIFIERS} (login, verifier) values ${rows.join(", ")};
      ${STORED_AUTH_FUNCTION}`;
}
