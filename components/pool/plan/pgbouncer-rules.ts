/** What PgBouncer accepts in its files, and what is refused although it would accept it. */
import { suggestion } from "../../text/suggestion";

import type { ValueKind } from "./pgbouncer-keys";
import { holdsControls, quoted } from "../../text/printable";
import type { Problem } from "../../text/problem";

/** Bytes that PgBouncer keeps of a name or a password, without the closing NUL. */
export const MAX_BYTES = { databases: 63, users: 127, password: 2047 } as const;

const UNSAFE_WHY = "a line break would start a setting of its own, and nothing is removed silently";

/** Versions that the tables of keys cover. */
export function versionProblems(version: string): Problem[] {
  const match = /^(\d+)\.(\d+)(\.\d+)?$/.exec(version);
  if (match && (Number(match[1]) > 1 || Number(match[2]) >= 18)) return [];
  return [
    {
      key: "version",
      value: quoted(version),
      allowed: "1.18 or later, as in 1.25.2",
      why: "which keys PgBouncer knows is decided by its version",
    },
  ];
}

/** A key that no supported PgBouncer knows, with the nearest one that it does. */
export function unknownKeyProblem(where: string, key: string, known: readonly string[]): Problem {
  const near = suggestion(key, known);
  return {
    key: where,
    value: quoted(key),
    allowed: near === undefined ? "a key that PgBouncer knows" : `did you mean ${near}?`,
    why: "PgBouncer does not start with a key that it does not know",
  };
}

/** What is wrong with the name of an entry, if anything. */
export function entryNameProblem(
  section: "databases" | "users",
  name: string,
  quotable: boolean,
  quotedSince: string,
): Problem | undefined {
  const problem = (allowed: string, why: string): Problem => ({
    key: section,
    value: quoted(name),
    allowed,
    why,
  });
  const longest = MAX_BYTES[section];
  if (name === "" || Buffer.byteLength(name) > longest) {
    return problem(`1 to ${longest} bytes`, "PgBouncer cuts a longer name off");
  }
  if (holdsControls(name)) return problem("no control characters", UNSAFE_WHY);
  if (section === "databases" && name === "pgbouncer") {
    return problem("any other name", "it is the admin console's");
  }
  if (name === "*") {
    return problem("one entry a name", "a fallback has no bound on its pools, so no budget holds");
  }
  if (/^[\w.-]+$/.test(name)) return undefined;
  if (!quotable) {
    return problem(
      "letters, digits, and _ . - (dbname may be anything)",
      `PgBouncer before ${quotedSince} cannot read any other name`,
    );
  }
  return name.includes("'")
    ? problem("no single quote (dbname may hold one)", "PgBouncer has no escape for it in a name")
    : undefined;
}

/** What is wrong with a value, if anything. A password is never shown. */
export function valueProblem(
  where: string,
  key: string,
  value: string,
  kind: ValueKind,
  inConnection: boolean,
): Problem | undefined {
  const problem = (allowed: string, why: string): Problem => ({
    key: where,
    value: key === "password" ? "[secret]" : quoted(value),
    allowed,
    why,
  });
  if (holdsControls(value)) return problem("no control characters", UNSAFE_WHY);
  if (key === "password" && Buffer.byteLength(value) > MAX_BYTES.password) {
    return problem(`up to ${MAX_BYTES.password} bytes`, "PgBouncer cuts a longer one off");
  }
  if (key === "ignore_startup_parameters" && value.split(/[\s,]+/).includes("options")) {
    return problem(
      "parameters other than options",
      "clients' options, such as a statement_timeout, would be dropped silently; set them on the role",
    );
  }
  if (inConnection && value === "") {
    return problem("a value, or no key", "PgBouncer takes an empty one for a syntax error");
  }
  if (!inConnection && value !== value.trim()) {
    return problem("no space at either end", "PgBouncer would cut it off");
  }
  const words = wordsFor(key, kind);
  if (words === undefined || words.pattern.test(value)) return undefined;
  return problem(words.allowed, words.why);
}

interface Words {
  readonly pattern: RegExp;
  readonly allowed: string;
  readonly why: string;
}

const WHOLE: Words = {
  pattern: /^(0|[1-9]\d{0,8})$/,
  allowed: "a whole number from 0 to 999999999, without leading zeros",
  why: "PgBouncer reads a leading zero as octal, and does not start with a unit or a comment",
};
const PORT: Words = {
  pattern: /^([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/,
  allowed: "1 to 65535",
  why: "it is a port",
};
const SECONDS: Words = {
  pattern: /^\d{1,9}(\.\d{1,6})?$/,
  allowed: "seconds, as in 30 or 1.5",
  why: "PgBouncer does not start with a unit or a comment",
};
const SWITCH: Words = {
  pattern: /^[01]$/,
  allowed: "true or false (1 or 0)",
  why: "it is a switch",
};
const OCTAL: Words = {
  pattern: /^0[0-7]{3}$/,
  allowed: "an octal file mode, as in 0700",
  why: "without the leading zero it is read as decimal",
};

function wordsFor(key: string, kind: ValueKind): Words | undefined {
  if (key === "port" || key === "listen_port") return PORT;
  if (kind === "text") return undefined;
  if (kind === "whole") return WHOLE;
  if (kind === "seconds") return SECONDS;
  if (kind === "switch") return SWITCH;
  if (kind === "octal") return OCTAL;
  return {
    pattern: new RegExp(`^(${kind.join("|")})$`),
    allowed: kind.join(", "),
    why: "PgBouncer does not start with another word, nor with a comment behind it",
  };
}

/** Settings that contradict what security asks for. */
export function forcedProblems(
  settings: Readonly<Record<string, string | number | boolean | undefined>>,
  forced: Readonly<Record<string, string | number | boolean | undefined>>,
): Problem[] {
  return Object.entries(forced).flatMap(([key, value]) => {
    const got = settings[key];
    if (got === undefined || got === value) return [];
    return [
      {
        key: `pgbouncer.${key}`,
        value: quoted(got),
        allowed: String(value),
        why: "it is fixed, since anything else weakens log-in or encryption",
      },
    ];
  });
}
