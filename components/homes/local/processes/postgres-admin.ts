/** Operations on a running local PostgreSQL as its administrator. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Client, type ClientConfig, DatabaseError, escapeIdentifier, escapeLiteral } from "pg";
import { connectAdministrator } from "../../../connections/administrative-connection";
import { connectClient } from "../../../connections/connect";
import { scramVerifier } from "../../../roles/plan/scram";
import { postgresBinaries } from "./binaries";
import { HOST } from "./ports";
import { type Admin, runningPostgres, start, stop } from "./postgres";
import { serverFiles } from "./postgres-files";
import { userOptions, ownerOf } from "./service-user";

/** SQLSTATE invalid_password. */
const INVALID_PASSWORD = "28P01";

/** Runs `work` in an administrator's session with the running server of the folder. */
export async function withAdmin<Result>(
  folder: string,
  admin: Admin,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await connectAdministrator(configOf(folder, admin), {
    // Otherwise a commit would wait for the replica, which is made and started after the primary.
    synchronous_commit: "local",
    // Here only: on a server that someone made read-only, migrations are still refused.
    default_transaction_read_only: "off",
    // Only a superuser may change these.
    temp_file_limit: "-1",
    role: "none",
  });
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function configOf(folder: string, login: Admin): ClientConfig {
  return {
    host: HOST,
    port: runningPostgres(folder)?.port ?? 0,
    user: login.user,
    password: login.password,
    database: "postgres",
    connectionTimeoutMillis: 10_000,
    application_name: "sark-databases",
  };
}

/**
 * SQLSTATE classes of failed connections that are due to the login, the load or the server's state, not to parameters.
 */
const NOT_BY_PARAMETERS = /^(?:28|53|57P)/;

/**
 * Why no session can start with the server's parameters; undefined if one can.
 * @param connect as an application does, or as an administrator
 */
export async function sessionProblem(
  folder: string,
  login: Admin,
  connect: (config: ClientConfig) => Promise<Client> = connectClient,
): Promise<string | undefined> {
  try {
    await (await connect(configOf(folder, login))).end();
    return undefined;
  } catch (error) {
    if (!(error instanceof DatabaseError) || NOT_BY_PARAMETERS.test(error.code ?? ""))
      return undefined;
    return error.message;
  }
}

/** True when the server accepts the login. */
async function canLogIn(folder: string, login: Admin): Promise<boolean> {
  try {
    await withAdmin(folder, login, () => Promise.resolve());
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && error.code === INVALID_PASSWORD) return false;
    throw error;
  }
}

/**
 * Sets the administrator's password if it is another one, through a session with the password before. If neither is
 * accepted, as after the state was lost, single-user mode sets it: that needs only access to the files.
 */
export async function ensureAdminPassword(
  folder: string,
  admin: Admin,
  before: Admin | undefined,
): Promise<void> {
  if (await canLogIn(folder, admin)) return;
  if (before !== undefined && (await canLogIn(folder, before))) {
    await withAdmin(folder, before, (client) => setPassword(client, admin));
    return;
  }
  await stop(folder);
  await runSingleUser(folder, alterPassword(admin));
  await start(folder);
}

/** Sends a verifier, so that no log and no statistics view contains the password. */
async function setPassword(client: Client, login: Admin): Promise<void> {
  await client.query("set log_statement = 'none'");
  await client.query(alterPassword(login));
}

function alterPassword({ user, password }: Admin): string {
  const verifier = scramVerifier(password, randomBytes(16));
  return `alter role ${escapeIdentifier(user)} password ${escapeLiteral(verifier)}`;
}

/** Creates the role that replicas log in as, if needed, and sets its password. */
export async function ensureReplicationRole(client: Client, login: Admin): Promise<void> {
  const role = escapeIdentifier(login.user);
  const { rowCount } = await client.query("select from pg_roles where rolname = $1", [login.user]);
  if (rowCount === 0) await client.query(`create role ${role}`);
  await client.query(`alter role ${role} login replication`);
  await setPassword(client, login);
}

/** Creates the database, owned by the administrator, unless it exists. */
export async function ensureDatabase(client: Client, name: string): Promise<void> {
  const { rowCount } = await client.query("select from pg_database where datname = $1", [name]);
  if (rowCount !== 0) return;
  await client.query(
    `create database ${escapeIdentifier(name)} template template0 encoding 'UTF8'
     locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'`,
  );
}

/** The version that the server reports, such as "18.4". */
export async function serverVersion(client: Client): Promise<string> {
  const { rows } = await client.query<{ version: string }>(
    "select split_part(current_setting('server_version'), ' ', 1) as version",
  );
  return rows[0]?.version ?? "";
}

/** Runs one statement in PostgreSQL's single-user mode, on a cluster that is not running. */
async function runSingleUser(folder: string, sql: string): Promise<void> {
  const { data } = serverFiles(folder);
  const user = ownerOf(data);
  rmSync(join(data, "postmaster.pid"), { force: true });
  const child = spawn(
    postgresBinaries().postgres,
    ["--single", "-D", realpathSync(data), "-c", "logging_collector=off", "postgres"],
    {
      ...userOptions(user),
      cwd: data,
      stdio: ["pipe", "ignore", "pipe"],
      env: { LC_ALL: "C", TZ: "UTC" },
    },
  );
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  child.stdin.end(`${sql}\n`);
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0 || /ERROR|FATAL/.test(errors)) {
    throw new Error(
      `the administrator's password could not be set in single-user mode (exit code ${code ?? "none"})`,
    );
  }
}
