import type { Client } from "pg";
import type { ServerOutput, StackOutputs } from "../../components/outputs/outputs";
import { UserError } from "../../engine/engine";
import { findLogin } from "../../engine/read-outputs";
import { withRoute } from "../status/routes";
import { probe, probeConfig } from "../status/status-probe";

/** Milliseconds of a statement: a record reads every row. */
const LONGEST_STATEMENT = 24 * 3600 * 1000;

/**
 * Runs work in a session on a stack's server.
 * @param purpose of the login, such as `admin` or `maintain`
 * @throws {UserError} if the server does not answer
 */
export async function onServer<T>(
  server: ServerOutput,
  outputs: StackOutputs,
  purpose: string,
  work: (session: Client) => Promise<T>,
): Promise<T> {
  const login = findLogin(outputs, `${server.database}_${purpose}`);
  const answer = await withRoute(server, server.sslMode, (way) =>
    probe(probeConfig(server, way, login, { name: "recovery", takes: LONGEST_STATEMENT }), work),
  );
  if (answer.up) return answer.facts;
  throw new UserError(`${server.database}: ${answer.error}`);
}
