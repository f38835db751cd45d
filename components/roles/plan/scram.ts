import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

/** Iterations that PostgreSQL uses by default and the least that RFC 7677 allows. */
export const SCRAM_ITERATIONS = 4096;

/** Bytes of salt that PostgreSQL makes for a verifier of its own. */
const SCRAM_SALT_BYTES = 16;

/**
 * The SCRAM-SHA-256 verifier of a password, in the form that PostgreSQL keeps in `pg_authid`:
 * `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` (RFC 5802, RFC 7677).
 *
 * `CREATE ROLE ... PASSWORD '<verifier>'` takes it as it is, so that neither the statement nor the
 * server's log holds the password; and PgBouncer's userlist takes the same text. The same
 * password and salt always give the same verifier, so keep the salt: a new one is a
 * new verifier, and PgBouncer's own log-in with it fails until both sides hold the same.
 *
 * @param password printable ASCII (0x20-0x7E), not empty.
 * @param salt at least 16 random bytes, one salt per role.
 * @throws RangeError for another password, which is never shown.
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
 * The verifier of a role's random password, with a salt that follows from both, so that the same password gives the
 * same verifier in every run without a salt to store. The salt comes from the same slow function as the verifier:
 * it makes guessing no faster. For long random passwords only: a table of common ones could be computed beforehand.
 *
 * @throws as {@link scramVerifier} does.
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
 * SASLprep (RFC 4013) maps every printable ASCII string to itself. Beyond ASCII it normalises, and
 * a client that leaves that out, as some do, could not log in; control characters it forbids.
 */
function requireAscii(password: string): void {
  if (password === "") {
    throw new RangeError(
      "password: got an empty one, which PostgreSQL stores as no password at all",
    );
  }
  if (!/^[\x20-\x7e]+$/.test(password)) {
    throw new RangeError(
      "password: it holds a character outside of printable ASCII, allowed are the characters from space to ~, since clients differ in how they normalise the rest (SASLprep) and some could not log in",
    );
  }
}
