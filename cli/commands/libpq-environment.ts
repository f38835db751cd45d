import * as fs from "node:fs";
import pgpass from "pgpass";
import type { ConnectionInput } from "../../components/connections/provider-connection";
import { UserError } from "../../engine/engine";
import { quoted, shortened } from "../../components/text/printable";

/**
 * Reads a connection from libpq's environment variables: PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGSSLMODE,
 * PGSSLROOTCERT. This keeps passwords out of process arguments. See {@link withPasswordFromFile} for PGPASSFILE.
 * @param database the default for PGDATABASE
 * @throws {UserError} naming the variable, its value and the allowed values
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

/** Reads a missing password from the password file, as libpq does. The driver drops its own look-up in pg 9. */
export async function withPasswordFromFile(connection: ConnectionInput): Promise<ConnectionInput> {
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
    `${name} is not set. Set libpq's environment variables to the database: PGHOST, PGPORT (default 5432), ` +
      "PGDATABASE, PGUSER, PGPASSWORD or PGPASSFILE, PGSSLMODE and PGSSLROOTCERT.",
  );
}

function portOf(text: string): number {
  if (text === "") return 5432;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new UserError(`PGPORT is ${quoted(text)}; allowed: a number from 1 to 65535.`);
}

function sslModeOf(mode = "verify-full"): ConnectionInput["sslMode"] {
  if (mode === "disable" || mode === "verify-full") return mode;
  throw new UserError(
    `PGSSLMODE is ${quoted(mode)}; allowed: verify-full (the default), disable. ` +
      "The other modes do not verify the server's identity, and some do not even encrypt.",
  );
}

/** PEM of PGSSLROOTCERT; undefined for this machine's trusted authorities. */
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
