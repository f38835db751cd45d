/** Sessions on a scratch TimescaleDB: of its superuser, and of logins that share one password. */
import { Client } from "pg";
import type { ScratchTimescale } from "../../scratch/scratch-timescale";

export interface Who {
  /** @default the superuser */
  readonly user?: string;
  readonly password?: string;
  readonly options?: string;
  readonly application_name?: string;
}

type Row = Record<string, unknown>;

export class TimescaleSessions {
  readonly #server: ScratchTimescale;
  readonly #password: string;

  /** @param password of all logins except the superuser */
  constructor(server: ScratchTimescale, password: string) {
    this.#server = server;
    this.#password = password;
  }

  /** A client that is not connected yet; it ignores connection errors. */
  client(who: Who): Client {
    const { host, port, user, password } = this.#server;
    const admin = who.user === undefined || who.user === user;
    const client = new Client({
      ...{ host, port, database: "sark_audit", user },
      password: admin ? password : this.#password,
      ...who,
    });
    client.on("error", () => undefined);
    return client;
  }

  async with<T>(who: Who, work: (client: Client) => Promise<T>): Promise<T> {
    const client = this.client(who);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  async rows(who: Who, sql: string): Promise<Row[]> {
    return this.with(who, async (client) => (await client.query<Row>(sql)).rows);
  }

  async asAdmin(...statements: readonly string[]): Promise<void> {
    await this.with({}, async (client) => {
      for (const statement of statements) await client.query(statement);
    });
  }
}
