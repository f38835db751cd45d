import { plainStrings, secretStrings, type Wire } from "../wire";
import { printable } from "../../components/text/printable";

/** Shorter secrets are not redacted: without every "on" a text would be unreadable. */
const SHORTEST = 4;
/** From this length on, a secret is redacted whatever its characters, and also inside a longer word. */
const LONG = 16;

/** Words with blanks, hyphens or underscores between them, such as "not_needed". */
const WORDS = /^(?:[A-Z]?[a-z]+|[A-Z]+)(?:[-_. ](?:[A-Z]?[a-z]+|[A-Z]+))*$/;
/** A number, a version or an address. */
const NUMBERS = /^\d+(?:[.:]\d+)*$/;

/** Matches positions of a password: after `password=`, `password '`, and the user of a URL. */
const AT_A_PASSWORD = `(?<=[Pp][Aa][Ss][Ss](?:[Ww](?:[Oo][Rr])?[Dd])?(?:["']?\\s*[=:]\\s*["']?|\\s+["'])|://[^\\s/@]*:)`;

/**
 * Redacts known secrets in texts from elsewhere, such as a provider's errors. A short word or number is only redacted
 * at the position of a password: a database "pgbouncer" in a secret connection, or a password "unused", must not make
 * file names and server messages unreadable. A text that also appears in plain text is no secret.
 */
export class Redactor {
  readonly #secrets = new Set<string>();
  readonly #plain = new Set<string>();

  addSecrets(value: Wire): void {
    for (const text of secretStrings(value)) {
      if (text.length < SHORTEST) continue;
      this.#secrets.add(text);
      // Messages escape invisible characters of a value.
      this.#secrets.add(printable(text));
    }
    for (const text of plainStrings(value)) this.#plain.add(text);
  }

  redact(text: string): string {
    // The longest first, since a secret may be a part of another.
    const patterns = [...this.#secrets]
      .filter((secret) => !this.#plain.has(secret))
      .sort((a, b) => b.length - a.length)
      .map(patternOf);
    return patterns.length === 0
      ? text
      : text.replace(new RegExp(patterns.join("|"), "gu"), "[secret]");
  }
}

function patternOf(secret: string): string {
  const literal = secret.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  if (secret.length >= LONG) return literal;
  const isWord = WORDS.test(secret) || NUMBERS.test(secret);
  const before = isWord ? AT_A_PASSWORD : /^\w/.test(secret) ? "(?<!\\w)" : "";
  const after = /\w$/.test(secret) ? "(?!\\w)" : "";
  return `${before}${literal}${after}`;
}
