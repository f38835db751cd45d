import * as fs from "node:fs";
import pgpass from "pgpass";
import type { ConnectionInput } from "../../components/connections/provider-connection";
import { UserError } from "../../engine/engine";
import { quoted, shortened } from "../../components/text/printable";

/**
 * A connection as libpq's environment variables describe it: PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGSSLMODE,
 * PGSSLROOTCERT. So no password is in a list of arguments. See {@link withPasswordOfFile} for PGPASSFILE.
 * @param database where PGDATABASE is not set
 * @throws {UserError} naming the variable, what it holds and what is allowed
 */
export function connectionFromEnvironment(
  env: Readonly<NodeJS.ProcessEnv>,
  database: string,
): ConnectionInput {
  const host = required(env, "PGHOST");
  const ca = authority(env);
  return {
    host,
    port: portOf(env["PGPORT"] ?? ""),
    database: env["PGDATABASE"] ?? database,
    user: required(env, "PGUSER"),
    password: env["PGPASSWORD"] ?? "",
    // A socket in a folder has no TLS.
    sslMode: host.startsWith("/") ? "disable" : sslModeOf(env["PGSSLMODE"]),
    ...(ca === undefined ? {} : { ca }),
  };
}

/** Takes a missing password from the password file, as libpq does. The driver's own look-up ends with pg 9. */
export async function withPasswordOfFile(connection: ConnectionInput): Promise<ConnectionInput> {
  if (connection.password !== "") return connection;
  const password = await new Promise<string | undefined>((found) => {
    pgpass(connection, found);
  });
  return { ...connection, password: password ?? "" };
}

function required(env: Readonly<NodeJS.ProcessEnv>, name: "PGHOST" | "PGUSER"): string {
  const value = env[name];
  if (value !== undefined && value !== "") return value;
  throw new UserError(
    `${name} is not set. The database is named by libpq's environment variables: PGHOST, PGPORT (5432), PGDATABASE, ` +
      "PGUSER, PGPASSWORD or PGPASSFILE, PGSSLMODE and PGSSLROOTCERT.",
  );
}

function portOf(text: string): number {
  if (text === "") return 5432;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new UserError(`PGPORT is ${quoted(text)}: a number from 1 to 65535 is allowed.`);
}

function sslModeOf(mode = "verify-full"): ConnectionInput["sslMode"] {
  if (mode === "disable" || mode === "verify-full") return mode;
  throw new UserError(
    `PGSSLMODE is ${quoted(mode)}: verify-full (if it is not set) and disable are allowed. What lies between encrypts ` +
      "without making sure of who is at the other end.",
  );
}

/** PEM of PGSSLROOTCERT; undefined for the authorities that this machine trusts. */
function authority(env: Readonly<NodeJS.ProcessEnv>): string | undefined {
  const file = env["PGSSLROOTCERT"] ?? "";
  if (file === "" || file === "system") return undefined;
  try {
    return fs.readFileSync(file, "utf8");
  } catch (cause) {
    const why = shortened(cause instanceof Error ? cause.message : String(cause), 200);
    throw new UserError(`PGSSLROOTCERT names a file that cannot be read: ${why}.`, { cause });
  }
}
