import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { hmac } from "./scram";

/** A SCRAM message that is invalid at this point. */
export class ScramError extends Error {}

const VERIFIER = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/;
/** Header without channel binding, and the rest with the client's nonce. */
const CLIENT_FIRST = /^([yn],,)(n=[^,]*,r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/;
const CLIENT_FINAL = /^(c=([^,]+),r=([^,]+)(?:,.*)?),p=([A-Za-z0-9+/]{43}=)$/;

/** Whether the text is a verifier that {@link ScramServer} can use. */
export function isScramVerifier(text: string): boolean {
  return VERIFIER.test(text);
}

/**
 * Server side of a SCRAM-SHA-256 log-in without channel binding (RFC 5802, RFC 7677). Neither side sends the password,
 * or data with which it could be guessed without the salted hashes.
 *
 * Alternatives: pg-gateway 0.2 offers only clear text and MD5, its 0.3 is a beta of 2025, and pglite-socket 0.2 has no
 * authentication.
 */
export class ScramServer {
  readonly #verifier: string;
  readonly #nonce: string;
  #header = "";
  #fullNonce = "";
  #messages = "";

  /**
   * @param verifier the login's verifier, as in `pg_authid`
   * @param nonce this side's random part. @default 18 random bytes
   */
  constructor(verifier: string, nonce = randomBytes(18).toString("base64")) {
    this.#verifier = verifier;
    this.#nonce = nonce;
  }

  /**
   * Answers the client's first message.
   * @throws ScramError for another mechanism's message, or one that requests channel binding
   */
  challenge(clientFirst: string): string {
    const [, header = "", bare = "", clientNonce = ""] = CLIENT_FIRST.exec(clientFirst) ?? [];
    if (header === "") throw new ScramError("malformed first SCRAM message");
    const [, iterations = "", salt = ""] = this.#parts();
    this.#header = header;
    this.#fullNonce = clientNonce + this.#nonce;
    const serverFirst = `r=${this.#fullNonce},s=${salt},i=${iterations}`;
    this.#messages = `${bare},${serverFirst}`;
    return serverFirst;
  }

  /**
   * Checks the client's last message.
   * @returns the server's proof that it knows the verifier; undefined for a wrong password
   * @throws ScramError for a message that does not belong to this log-in
   */
  finish(clientFinal: string): string | undefined {
    const [, withoutProof = "", header = "", nonce = "", proof = ""] =
      CLIENT_FINAL.exec(clientFinal) ?? [];
    const expected = Buffer.from(this.#header).toString("base64");
    if (this.#messages === "" || header !== expected || nonce !== this.#fullNonce) {
      throw new ScramError("malformed last SCRAM message");
    }
    const [, , , storedKey = "", serverKey = ""] = this.#parts();
    const messages = `${this.#messages},${withoutProof}`;
    const stored = Buffer.from(storedKey, "base64");
    const signature = hmac(stored, messages);
    const clientKey = Buffer.from(proof, "base64").map((byte, at) => byte ^ (signature[at] ?? 0));
    const key = createHash("sha256").update(clientKey).digest();
    if (key.length !== stored.length || !timingSafeEqual(key, stored)) return undefined;
    return `v=${hmac(Buffer.from(serverKey, "base64"), messages).toString("base64")}`;
  }

  #parts(): readonly string[] {
    return VERIFIER.exec(this.#verifier) ?? [];
  }
}

/**
 * Verifier of a login that does not exist; no password matches it. It is always the same, so that the salt does not
 * reveal which logins exist.
 * @param secret secret of this server process
 */
export function dummyVerifier(login: string, secret: Uint8Array): string {
  const salt = hmac(secret, login).subarray(0, 16).toString("base64");
  const [stored, server] = ["stored", "server"].map((key) =>
    hmac(secret, `${key} ${login}`).toString("base64"),
  );
  return `SCRAM-SHA-256$4096:${salt}$${stored ?? ""}:${server ?? ""}`;
}
