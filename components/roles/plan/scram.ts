import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

/** Iterations: PostgreSQL's default, and the minimum of RFC 7677. */
export const SCRAM_ITERATIONS = 4096;

/** Salt length in bytes that PostgreSQL uses. */
const SCRAM_SALT_BYTES = 16;

/**
 * SCRAM-SHA-256 verifier of a password, in the format of `pg_authid`:
 * `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` (RFC 5802, RFC 7677).
 *
 * `CREATE ROLE ... PASSWORD '<verifier>'` accepts it, so that neither the statement nor the server's log contains the
 * password; PgBouncer's userlist accepts the same text. The same password and salt always give the same verifier. Keep
 * the salt: with a new one, PgBouncer's own log-in fails until both sides have the same verifier.
 *
 * @param password printable ASCII (0x20-0x7E), not empty
 * @param salt at least 16 random bytes, one salt per role
 * @throws RangeError for any other password, without showing it
 */
export function scramVerifier(password: string, salt: Uint8Array): string {
  requireAscii(password);
  const salted = pbkdf2Sync(password, salt, SCRAM_ITERATIONS, 32, "sha256");
  const clientKey = hmac(salted, "Client Key");
  const storedKey = createHash("sha256").update(clientKey).digest("base64");
  const serverKey = hmac(salted, "Server Key").toString("base64");
  const saltText = Buffer.from(salt).toString("base64");
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${saltText}$${storedKey}:${serverKey}`;
}

/**
 * Verifier of a role's random password. The salt is derived from both, so every run gives the same verifier without a
 * stored salt. It comes from the same slow function as the verifier, so guessing is not faster. Only for long random
 * passwords: a table of common ones could be computed in advance.
 *
 * @throws as {@link scramVerifier} does
 */
export function passwordVerifier(role: string, password: string): string {
  const salt = pbkdf2Sync(
    password,
    `salt of ${role}`,
    SCRAM_ITERATIONS,
    SCRAM_SALT_BYTES,
    "sha256",
  );
  return scramVerifier(password, salt);
}

export function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/**
 * Requires printable ASCII. SASLprep (RFC 4013) maps it to itself. Beyond ASCII it normalises, and clients that skip
 * this could not log in; it forbids control characters.
 */
function requireAscii(password: string): void {
  if (password === "") {
    throw new RangeError("password: it is empty, and PostgreSQL stores an empty password as none");
  }
  if (!/^[\x20-\x7e]+$/.test(password)) {
    throw new RangeError(
      "password: it has a character outside printable ASCII; allowed: the characters from space to ~; clients normalise other characters differently (SASLprep), and some could not log in",
    );
  }
}
