/** Parses parameter values as the server does: PostgreSQL's guc.c and bool.c. */
import type { ParameterFacts, ParameterValue, Unit } from "./parameter-facts";

/** Factor of each unit to the base unit, largest first, as the server prints them. */
export const unitFactors = {
  memory: { TB: 2 ** 40, GB: 2 ** 30, MB: 2 ** 20, kB: 2 ** 10, B: 1 },
  time: { d: 86_400_000, h: 3_600_000, min: 60_000, s: 1000, ms: 1, us: 0.001 },
};

export const baseUnits: Readonly<Record<Unit, readonly ["memory" | "time", number]>> = {
  B: ["memory", 1],
  kB: ["memory", 2 ** 10],
  "8kB": ["memory", 2 ** 13],
  MB: ["memory", 2 ** 20],
  ms: ["time", 1],
  s: ["time", 1000],
  min: ["time", 60_000],
};

/** Removes the quotes of a postgresql.conf value. */
export function unquoteValue(text: string): string {
  const [, inner] = /^'((?:[^'\\]|''|\\.)*)'$/s.exec(text.trim()) ?? [];
  return inner === undefined
    ? text
    : inner.replaceAll(/''|\\(.)/gs, (_, one?: string) => one ?? "'");
}

/** Parses a text into the parameter's own unit; returns text that the server cannot parse unchanged. */
export function parseParameterText(facts: ParameterFacts, text: string): ParameterValue {
  switch (facts.vartype) {
    case "string":
      return text;
    case "bool":
      return readBoolean(text.trim()) ?? text;
    case "enum":
      return readWord(facts.allowed ?? [], text.trim()) ?? text;
    case "integer":
    case "real":
      return readNumber(facts, text.trim()) ?? text;
  }
}

/** Any unambiguous prefix of these words is accepted. */
const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  false: false,
  no: false,
};

function readBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (word === "1" || word === "on") return true;
  if (word === "0" || word === "off" || word === "of") return false;
  if (word === "") return undefined;
  return Object.entries(BOOLEANS).find(([whole]) => whole.startsWith(word))?.[1];
}

/** Undocumented words that a server accepts, with the documented equivalent. */
const SYNONYMS: Readonly<Record<string, string>> = {
  true: "on",
  yes: "on",
  "1": "on",
  false: "off",
  no: "off",
  "0": "off",
  debug: "debug2",
  archive: "replica",
  hot_standby: "replica",
};

function readWord(allowed: readonly string[], text: string): string | undefined {
  const word = text.toLowerCase();
  const listed = allowed.find((each) => each.toLowerCase() === word);
  if (listed !== undefined) return listed;
  const same = Object.hasOwn(SYNONYMS, word) ? SYNONYMS[word] : undefined;
  return same !== undefined && allowed.includes(same) ? same : undefined;
}

const NUMBER = /^([+-]?(?:0x[\da-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?))\s*([a-z]*)$/i;

function readNumber({ vartype, unit }: ParameterFacts, text: string): number | undefined {
  const [, digits, suffix = ""] = NUMBER.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const number = toNumber(digits, vartype === "integer");
  const value = suffix === "" ? number : inUnit(number, suffix, unit);
  return value !== undefined && vartype === "integer" ? toEven(value) : value;
}

/** Parses as C does: an integer with a leading 0 is octal. */
function toNumber(digits: string, whole: boolean): number {
  const [, sign = "", rest = ""] = /^([+-]?)(.*)$/.exec(digits) ?? [];
  const value = whole && /^0[0-7]+$/.test(rest) ? Number.parseInt(rest, 8) : Number(rest);
  return sign === "-" && value !== 0 ? -value : value;
}

/** Converts to the parameter's unit. A fraction is first rounded to the next smaller unit: 1.1MB is 1126kB. */
function inUnit(number: number, suffix: string, unit: Unit | null): number | undefined {
  if (unit === null) return undefined;
  const [family, size] = baseUnits[unit];
  const units = Object.entries(unitFactors[family]);
  const at = units.findIndex(([name]) => name === suffix);
  const factor = units[at]?.[1];
  if (factor === undefined) return undefined;
  const smaller = units[at + 1]?.[1];
  const amount = number * factor;
  return (smaller === undefined ? amount : toEven(amount / smaller) * smaller) / size;
}

/** Rounds half to even, as C's rint. */
function toEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
