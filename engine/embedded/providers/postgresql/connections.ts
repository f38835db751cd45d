import * as fs from "node:fs";
import type { ConnectionOptions } from "node:tls";
import type { Client } from "pg";
import { connectAdministrator } from "../../../../components/connections/administrative";
import type { WireObject } from "../../../wire";
import { Session } from "./provider-session";
import { printable, quoted } from "../../../../components/text/printable";

/** How a `postgresql` provider resource says to connect; its numbers and structures arrive as JSON texts. */
interface Target {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly ssl: false | ConnectionOptions;
  /** Milliseconds. */
  readonly connectTimeout: number;
  /** The server has one session for everybody: hold it no longer than a step needs. */
  readonly single: boolean;
  /** The role that the user acts as, where the server maps names. */
  readonly role: string;
}

/**
 * The connections of one run. Steps on one server run one after another, since parallel changes of one catalog
 * entry fail with "tuple concurrently updated".
 */
export class Connections {
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #open = new Map<string, Client>();

  /** @param database the database to connect to; the provider's own when undefined */
  use<T>(
    providerInputs: WireObject,
    database: string | undefined,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const target = readTarget(providerInputs, database);
    const server = `${target.host}:${target.port}`;
    const step = (this.#queues.get(server) ?? Promise.resolve()).then(() =>
      this.#run(target, work),
    );
    this.#queues.set(
      server,
      step.catch(() => undefined),
    );
    return step;
  }

  async #run<T>(target: Target, work: (session: Session) => Promise<T>): Promise<T> {
    const key = JSON.stringify(target);
    const client = this.#open.get(key) ?? (await this.#connect(key, target));
    try {
      return await work(new Session(client, target.role, target.database));
    } finally {
      if (target.single) {
        await cleanSession(client).catch(() => undefined);
        await client.end();
      }
    }
  }

  async #connect(key: string, target: Target): Promise<Client> {
    const client = await connect(target);
    this.#open.set(key, client);
    // A server may be restarted while its connection idles: the next step then opens another.
    client.once("end", () => {
      if (this.#open.get(key) === client) this.#open.delete(key);
    });
    return client;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((client) => client.end()));
    this.#open.clear();
  }
}

async function connect(target: Target): Promise<Client> {
  const { host, port, user, password, database, ssl } = target;
  let client: Client;
  try {
    client = await connectAdministrator({
      host,
      port,
      user,
      password,
      database,
      ssl,
      connectionTimeoutMillis: target.connectTimeout,
      application_name: "embedded engine",
    });
  } catch (error) {
    const reason = printable(error instanceof Error ? error.message : String(error));
    throw new Error(
      `cannot connect to ${host}:${port}, database ${database}, as ${user}: ${reason}`,
      { cause: error },
    );
  }
  if (target.single) await cleanSession(client);
  return client;
}

/** On a server with a single session, what one client sets the next one finds. */
async function cleanSession(client: Client): Promise<void> {
  await client.query("rollback");
  await client.query("discard all");
}

function readTarget(inputs: WireObject, database: string | undefined): Target {
  const text = (key: string): string | undefined => {
    const value = inputs[key];
    return value === undefined || value === null || value === "" ? undefined : scalar(value);
  };
  const user = text("username") ?? process.env["PGUSER"] ?? "postgres";
  return {
    host: text("host") ?? process.env["PGHOST"] ?? "localhost",
    port: Number(text("port") ?? process.env["PGPORT"] ?? 5432),
    user,
    password: text("password") ?? process.env["PGPASSWORD"] ?? "",
    database: database ?? text("database") ?? process.env["PGDATABASE"] ?? "postgres",
    ssl: readTls(text("sslmode") ?? text("sslMode") ?? "require", text),
    connectTimeout: Number(text("connectTimeout") ?? 180) * 1000,
    single: text("maxConnections") === "1",
    role: text("databaseUsername") ?? user,
  };
}

function scalar(value: WireObject[string]): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** libpq's modes: `require` encrypts without looking at the certificate. */
function readTls(
  mode: string,
  text: (key: string) => string | undefined,
): false | ConnectionOptions {
  if (mode === "disable") return false;
  const root = text("sslrootcert");
  const ca = root === undefined ? {} : { ca: fs.readFileSync(root, "utf8") };
  const client = readClientCertificate(text("clientcert"));
  if (mode === "verify-full") return { ...ca, ...client, rejectUnauthorized: true };
  if (mode === "verify-ca") {
    return {
      ...ca,
      ...client,
      rejectUnauthorized: true,
      checkServerIdentity: () => undefined,
    };
  }
  if (mode === "require") return { ...ca, ...client, rejectUnauthorized: false };
  throw new Error(
    `sslmode must be disable, require, verify-ca or verify-full, not ${quoted(mode)}`,
  );
}

function readClientCertificate(json: string | undefined): ConnectionOptions {
  if (json === undefined) return {};
  const parsed: unknown = JSON.parse(json);
  const certificate: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (typeof certificate !== "object" || certificate === null) return {};
  const inline = "sslinline" in certificate && certificate.sslinline === true;
  const load = (value: unknown): string =>
    inline ? String(value) : fs.readFileSync(String(value), "utf8");
  return {
    ...("cert" in certificate ? { cert: load(certificate.cert) } : {}),
    ...("key" in certificate ? { key: load(certificate.key) } : {}),
  };
}
