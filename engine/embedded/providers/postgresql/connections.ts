import type { Client } from "pg";
import { connectAdministrator } from "../../../../components/connections/administrative-connection";
import { printable } from "../../../../components/text/printable";
import type { WireObject } from "../../../wire";
import { text } from "./handler";
import { DatabaseSession } from "./provider-session";

/**
 * The connections of one run, one for each step, since a server may have only one session. Steps on one server run one
 * after another, since parallel changes of one catalog entry fail with "tuple concurrently updated".
 */
export class Connections {
  readonly #queues = new Map<string, Promise<unknown>>();

  /**
   * @param provider the inputs of a `postgresql` provider resource, all of them strings
   * @param database the database to connect to; the provider's default if undefined
   */
  use<T>(
    provider: WireObject,
    database: string | undefined,
    work: (session: DatabaseSession) => Promise<T>,
  ): Promise<T> {
    const server = `${text(provider, "host")}:${text(provider, "port")}`;
    const step = (this.#queues.get(server) ?? Promise.resolve()).then(() =>
      run(provider, database ?? text(provider, "database"), work),
    );
    this.#queues.set(
      server,
      step.catch(() => undefined),
    );
    return step;
  }
}

async function run<T>(
  provider: WireObject,
  database: string,
  work: (session: DatabaseSession) => Promise<T>,
): Promise<T> {
  const client = await connect(provider, database);
  try {
    await cleanSession(client);
    return await work(new DatabaseSession(client, text(provider, "username"), database));
  } finally {
    await cleanSession(client).catch(() => undefined);
    await client.end();
  }
}

async function connect(provider: WireObject, database: string): Promise<Client> {
  const host = text(provider, "host");
  const port = text(provider, "port");
  const user = text(provider, "username");
  try {
    return await connectAdministrator({
      host,
      port: Number(port),
      user,
      password: text(provider, "password"),
      database,
      ssl: provider["sslmode"] === "disable" ? false : { rejectUnauthorized: true },
      connectionTimeoutMillis: Number(provider["connectTimeout"] ?? 180) * 1000,
      application_name: "embedded engine",
    });
  } catch (error) {
    const reason = printable(error instanceof Error ? error.message : String(error));
    throw new Error(
      `cannot connect to ${host}:${port}, database ${database}, as ${user}: ${reason}`,
      { cause: error },
    );
  }
}

/** Resets the session: on a single-session server, the next client would inherit its settings. */
async function cleanSession(client: Client): Promise<void> {
  await client.query("rollback");
  await client.query("discard all");
}
