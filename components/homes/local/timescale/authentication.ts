/** A client proves its password by SCRAM-SHA-256; there is no other way in. */
import { impossibleVerifier, ScramError, ScramServer } from "../../../roles/plan/scram-server";
import type { ClientChannel } from "./client-channel";
import { wrongPassword } from "./client-session";
import { int32, protocolError, serverMessage } from "./wire-protocol";

const MECHANISM = "SCRAM-SHA-256";
/** Bytes of a message of the exchange, before anybody is known. */
const LIMIT = 4096;
/** The kinds of the server's message "R". */
const SASL = 10;
const SASL_CONTINUE = 11;
const SASL_FINAL = 12;

/**
 * @param secret makes the answers about roles that do not exist alike
 * @returns the verifier that the client's password was checked against; undefined when the client is gone.
 * @throws SessionError for a wrong password, or a role that has none or does not exist, in the same words.
 */
export async function authenticate(
  client: ClientChannel,
  user: string,
  verifiers: ReadonlyMap<string, string>,
  secret: Buffer,
): Promise<string | undefined> {
  const verifier = verifiers.get(user);
  const scram = new ScramServer(verifier ?? impossibleVerifier(user, secret));
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
  const message = await client.message(LIMIT);
  if (message === undefined || message.type === "X") return undefined;
  if (message.type !== "p") throw protocolError(`message type "${message.type}" during log-in`);
  return message.bytes.subarray(5);
}
