import type * as pulumi from "@pulumi/pulumi";
import type { Client, ClientConfig } from "pg";
import { connectAdministrator } from "./administrative-connection";
import { MigrationError } from "../migrations/plan/errors";
import { printable } from "../text/printable";
import { changedInputs, asRecord } from "../resources/untyped-inputs";

/** Connection of a provider to one database, in plain values: Pulumi decrypts secrets before. */
export interface ConnectionInput {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly sslMode: "disable" | "verify-full";
  /** Identity of the server, when the address does not identify it. */
  readonly server?: string;
  /** PEM of the CA of the server's certificate. Default: the system's CAs. */
  readonly ca?: string;
}

const SESSION_SETTINGS = { search_path: "pg_catalog,pg_temp" };

/**
 * Runs work in one administrative session and closes it. `search_path` is fixed, so that no object planted in a
 * writable schema replaces a built-in one.
 * @throws Error naming host, port, database and user, never the password
 */
export async function withClient<T>(
  connection: ConnectionInput,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  let client: Client;
  try {
    client = await connectAdministrator(clientConfig(connection), SESSION_SETTINGS);
  } catch (cause) {
    // A pool accepts no startup options for shared sessions.
    if (/unsupported startup parameter/.test(messageOf(cause))) throw poolError(connection);
    throw new Error(`cannot connect to ${describe(connection)}: ${messageOf(cause)}`, { cause });
  }
  try {
    await refusePool(client, connection);
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * `diff` of a provider that works through a connection. A relay may have another port in each run; a new address is
 * ignored when the connection names the server behind it.
 * @param inputs - names of all inputs
 */
export function diffIgnoringRelayAddress<Inputs extends { readonly connection: ConnectionInput }>(
  inputs: Readonly<Record<keyof Inputs & string, true>>,
) {
  const names = Object.keys(inputs);
  return (_id: string, olds: object, news: object): Promise<pulumi.dynamic.DiffResult> => {
    const changed = changedInputs(names, withoutAddress(olds), withoutAddress(news));
    return Promise.resolve({ changes: changed.length > 0 });
  };
}

/**
 * Provider of settings inside one database. Changes are applied in one transaction; deletion does nothing, because the
 * objects are deleted with the server.
 * @param name kind of the resource, for its id
 * @param inputs - names of all inputs
 * @param apply gets the previous inputs, if any
 */
export function databaseProvider<Inputs extends { readonly connection: ConnectionInput }>(
  name: string,
  inputs: Readonly<Record<keyof Inputs & string, true>>,
  apply: (client: Client, inputs: Inputs, olds?: Inputs) => Promise<void>,
): pulumi.dynamic.ResourceProvider<Inputs, Inputs> {
  const run = (news: Inputs, olds?: Inputs): Promise<void> =>
    withClient(news.connection, async (client) => {
      await client.query("begin");
      await apply(client, news, olds);
      await client.query("commit");
    });
  return {
    diff: diffIgnoringRelayAddress<Inputs>(inputs),
    async create(news) {
      await run(news);
      return { id: `${news.connection.database}-${name}`, outs: news };
    },
    async update(_id, olds, news) {
      await run(news, olds);
      return { outs: news };
    },
    delete: () => Promise.resolve(),
  };
}

function withoutAddress(state: object): object {
  const { host, port, ...connection } = asRecord(asRecord(state)["connection"]);
  return connection["server"] === undefined ? state : { ...state, connection };
}

/** `user@host:port/database (server)`. */
function describe(connection: ConnectionInput): string {
  const { user, host, port, database, server } = connection;
  const behind = server === undefined ? "" : ` (${server})`;
  return printable(`${user}@${host}:${port}/${database}${behind}`);
}

/** Message of an error, on one line. */
export function messageOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}

function clientConfig(connection: ConnectionInput): ClientConfig {
  const { host, port, database, user, password, sslMode, ca } = connection;
  return {
    host,
    port,
    database,
    user,
    password,
    application_name: "sark-databases",
    ssl: sslMode === "disable" ? false : { rejectUnauthorized: true, ...(ca ? { ca } : {}) },
  };
}

/**
 * Rejects connection pools. A pool issues its own cancel keys, so the announced process id is not the backend's. Behind
 * a transaction pool, session locks protect nothing and `set` leaks to other clients.
 */
async function refusePool(client: Client, connection: ConnectionInput): Promise<void> {
  const { rows } = await client.query<{ pid: number }>("select pg_catalog.pg_backend_pid() as pid");
  const announced = "processID" in client ? (client.processID as number | null) : null;
  const pid = rows[0]?.pid;
  // The embedded TimescaleDB has a single process and no process id.
  if (pid === 0 || announced === null || announced === pid) return;
  throw poolError(connection);
}

function poolError(connection: ConnectionInput): MigrationError {
  return new MigrationError(
    "pool",
    `${describe(connection)} is a connection pool, not a server: administrative work needs a dedicated session. ` +
      `Point the tunnel of this database, in sark-databases:sark or sark-databases:audit, at the server itself`,
  );
}
