/** Authenticates clients by SCRAM-SHA-256, the only method. */
import { dummyVerifier, ScramError, ScramServer } from "../../../roles/plan/scram-server";
import type { ClientChannel } from "./client-channel";
import { wrongPassword } from "./client-session";
import { int32, protocolError, serverMessage } from "./wire-protocol";

const MECHANISM = "SCRAM-SHA-256";
/** Maximum bytes of a message before the client is authenticated. */
const MAX_BYTES = 4096;
/** Kinds of the authentication message "R". */
const SASL = 10;
const SASL_CONTINUE = 11;
const SASL_FINAL = 12;

/**
 * Runs the SCRAM exchange with a client.
 * @param secret keeps the answers for a role that does not exist the same in each attempt
 * @returns the verifier that the client's password was checked against; undefined if the client disconnected.
 * @throws SessionError with the same message for a wrong password, a role without one, and a role that does not exist.
 */
export async function authenticate(
  client: ClientChannel,
  user: string,
  verifiers: ReadonlyMap<string, string>,
  secret: Buffer,
): Promise<string | undefined> {
  const verifier = verifiers.get(user);
  const scram = new ScramServer(verifier ?? dummyVerifier(user, secret));
  await client.send(serverMessage("R", int32(SASL), MECHANISM, Buffer.alloc(1)));
  const first = await response(client);
  if (first === undefined) return undefined;
  const end = first.indexOf(0);
  if (first.toString("latin1", 0, end) !== MECHANISM) {
    throw protocolError(`SASL mechanism other than ${MECHANISM}`);
  }
  try {
    const challenge = scram.challenge(first.toString("utf8", end + 5));
    await client.send(serverMessage("R", int32(SASL_CONTINUE), Buffer.from(challenge)));
    const last = await response(client);
    if (last === undefined) return undefined;
    const proof = scram.finish(last.toString("utf8"));
    if (proof === undefined || verifier === undefined) throw wrongPassword(user);
    await client.send(serverMessage("R", int32(SASL_FINAL), Buffer.from(proof)));
    return verifier;
  } catch (error) {
    throw error instanceof ScramError ? protocolError(error.message) : error;
  }
}

async function response(client: ClientChannel): Promise<Buffer | undefined> {
  const message = await client.message(MAX_BYTES);
  if (message === undefined || message.type === "X") return undefined;
  if (message.type !== "p") throw protocolError(`message type "${message.type}" during log-in`);
  return message.bytes.subarray(5);
}
