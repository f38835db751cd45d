import type * as pulumi from "@pulumi/pulumi";
import type { Client } from "pg";
import {
  AUTH_SCHEMA,
  STORED_AUTH_FUNCTION,
  VERIFIERS,
  authFunctionSql,
} from "./plan/auth-query-plan";
import {
  type ConnectionInput,
  diffThroughRelay,
  withClient,
} from "../connections/provider-connection";

export interface AuthQueryInputs {
  readonly connection: ConnectionInput;
  /** PgBouncer's own login, the only role that may call the function. */
  readonly caller: string;
  /** Logins whose verifiers the function may give away. */
  readonly logins: readonly string[];
  /** SCRAM verifiers of these logins. Set where the server shows them to nobody, and they are kept in a table. */
  readonly verifiers?: Readonly<Record<string, string>>;
}

/**
 * The function that PgBouncer asks for a client's SCRAM verifier. The PostgreSQL provider's own resource for functions
 * cannot pin `search_path`, and a SECURITY DEFINER function without that can be made to run somebody else's code.
 */
export const authQueryProvider: pulumi.dynamic.ResourceProvider<AuthQueryInputs, AuthQueryInputs> =
  {
    diff: diffThroughRelay<AuthQueryInputs>({
      connection: true,
      caller: true,
      logins: true,
      verifiers: true,
    }),

    async create(inputs) {
      await install(inputs);
      return { id: `${inputs.connection.database}-auth-query`, outs: inputs };
    },

    async update(_id, _olds, news) {
      await install(news);
      return { outs: news };
    },

    async delete(_id, inputs) {
      await withClient(inputs.connection, (client: Client) =>
        client.query(`drop schema if exists ${AUTH_SCHEMA} cascade`),
      );
    },
  };

async function install(inputs: AuthQueryInputs): Promise<void> {
  await withClient(inputs.connection, async (client) => {
    const caller = client.escapeIdentifier(inputs.caller);
    const { verifiers } = inputs;
    const logins = inputs.logins.map((login) => client.escapeLiteral(login));
    await client.query(`
      begin;
      create schema if not exists ${AUTH_SCHEMA};
      revoke all on schema ${AUTH_SCHEMA} from public;
      ${verifiers ? storedSql(client, verifiers) : authFunctionSql(logins)}
      revoke all on all functions in schema ${AUTH_SCHEMA} from public;
      grant usage on schema ${AUTH_SCHEMA} to ${caller};
      grant execute on function ${AUTH_SCHEMA}.user_lookup(text) to ${caller};
      commit;`);
  });
}

/** The table with exactly these verifiers, and the function that reads it. A table is nobody's but its owner's. */
function storedSql(client: Client, verifiers: Readonly<Record<string, string>>): string {
  const rows = Object.entries(verifiers).map((row) => `(${row.map(literal(client)).join(", ")})`);
  return `
      create table if not exists ${VERIFIERS} (login text primary key, verifier text not null);
      delete from ${VERIFIERS};
      insert into ${VERIFIERS} (login, verifier) values ${rows.join(", ")};
      ${STORED_AUTH_FUNCTION}`;
}

function literal(client: Client): (text: string) => string {
  return (text) => client.escapeLiteral(text);
}
