import { plainStrings, secretStrings, type Wire } from "./wire";
import { printable } from "../../components/lib/printable";

/** Shorter secrets are not looked for: striking every "on" out of a text would make it unreadable. */
const SHORTEST = 6;

/**
 * Strikes known secrets out of texts that others wrote, such as the errors of a provider. A text that also stands
 * somewhere in plain is none: of a connection that is secret as a whole, the user and the host are no secrets.
 */
export class Redactor {
  readonly #secrets = new Set<string>();
  readonly #plain = new Set<string>();

  learn(value: Wire): void {
    for (const text of secretStrings(value)) {
      if (text.length < SHORTEST) continue;
      this.#secrets.add(text);
      // Messages have escapes for what cannot be seen of a value.
      this.#secrets.add(printable(text));
    }
    for (const text of plainStrings(value)) this.#plain.add(text);
  }

  redact(text: string): string {
    // The longest first: a secret may be a part of another.
    return [...this.#secrets]
      .filter((secret) => !this.#plain.has(secret))
      .sort((a, b) => b.length - a.length)
      .reduce((result, secret) => result.split(secret).join("[secret]"), text);
  }
}
