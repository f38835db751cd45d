import postgresql16 from "./parameters/postgresql-16.json";
import postgresql17 from "./parameters/postgresql-17.json";
import postgresql18 from "./parameters/postgresql-18.json";
import timescaledb from "./parameters/timescaledb.json";
import { distance } from "fastest-levenshtein";
import { type Build, moreWords } from "./parameters/builds";
import { holdsControls, quoted } from "./printable";
import { formatProblems } from "./problem";
import type { Problem } from "./problem";

/** Major versions of PostgreSQL that the stack supports. */
export type MajorVersion = 16 | 17 | 18;

/** The same, to go through. */
export const majorVersions: readonly MajorVersion[] = [16, 17, 18];

/** Units of `pg_settings.unit`; `8kB` is a page. */
export type Unit = "B" | "kB" | "8kB" | "MB" | "ms" | "s" | "min";

/** A parameter's value in its own unit. */
export type ParameterValue = number | boolean | string;

/** When a parameter takes effect (`pg_settings.context`); only `postmaster` needs a restart. */
export type Context =
  "postmaster" | "sighup" | "superuser-backend" | "backend" | "superuser" | "user";

/** What `pg_settings` of a real server says of a parameter. */
export interface ParameterFacts {
  /** In lower case, as the server also takes it. */
  readonly name: string;
  readonly vartype: "bool" | "integer" | "real" | "enum" | "string";
  readonly unit: Unit | null;
  readonly context: Context;
  /** Smallest and largest value, in {@link unit}; only numbers have them. */
  readonly min?: number;
  readonly max?: number;
  /** Words that an enum takes. */
  readonly allowed?: readonly string[];
  /** Value of a server that nobody configured, in {@link unit}. */
  readonly boot: string | null;
  /** Whether a change needs a restart of the server. */
  readonly restart: boolean;
}

/** A line of the generated files: what is absent is `null` or has no limit. */
interface StoredFacts {
  readonly type: ParameterFacts["vartype"];
  readonly context: Context;
  readonly unit?: Unit;
  readonly min?: number;
  readonly max?: number;
  readonly allowed?: readonly string[];
  readonly boot?: string;
}

// A JSON module's words are plain strings to the compiler; the tests compare each with a server's.
const servers = {
  16: postgresql16 as Record<string, StoredFacts>,
  17: postgresql17 as Record<string, StoredFacts>,
  18: postgresql18 as Record<string, StoredFacts>,
};
const extension = timescaledb as Record<string, StoredFacts>;

/** Every parameter that can be set on a major version, TimescaleDB's included, sorted. */
export function parameterNames(major: MajorVersion): readonly string[] {
  return [...Object.keys(servers[major]), ...Object.keys(extension)].sort();
}

/**
 * Facts about one parameter of a major version.
 *
 * @throws an error with the nearest name when the server has no such parameter.
 */
export function parameterFacts(
  major: MajorVersion,
  name: string,
  build: Build = "plain",
): ParameterFacts {
  const key = name.toLowerCase();
  const stored = own(servers[major], key) ?? own(extension, key);
  if (stored === undefined) {
    const nearest = nearestName(key, parameterNames(major));
    throw problem({
      key: name,
      value: "a parameter",
      allowed: `a parameter that PostgreSQL ${major} has, such as ${nearest}`,
      why: "the server does not start with a parameter that it does not know",
    });
  }
  const { type, unit, ...facts } = stored;
  const more = moreWords(build, key);
  return {
    ...facts,
    ...(more === undefined ? {} : { allowed: [...(facts.allowed ?? []), ...more] }),
    name: key,
    vartype: type,
    unit: unit ?? null,
    boot: facts.boot ?? null,
    restart: facts.context === "postmaster",
  };
}

/**
 * A value as `postgresql.conf` takes it and `SHOW` prints it: `262144` pages are `2GB`, `true` is `on`.
 *
 * @param value in the parameter's own unit.
 * @throws an error with key, value, what is allowed and why, when a server would refuse the value.
 */
export function renderValue(
  major: MajorVersion,
  name: string,
  value: ParameterValue,
  build: Build = "plain",
): string {
  const facts = parameterFacts(major, name, build);
  const refused = refusal(facts, value);
  if (refused !== undefined) {
    const shown = typeof value === "string" ? quoted(value) : String(value);
    throw problem({ key: facts.name, value: shown, ...refused });
  }
  if (typeof value === "boolean") return value ? "on" : "off";
  return typeof value === "number" ? withUnit(value, facts.unit) : value;
}

/**
 * The reverse of {@link renderValue}: reads `2GB`, `1min`, `on` or a bare number into the parameter's
 * own unit, by the server's rules.
 *
 * @throws as {@link renderValue} does.
 */
export function parseSetting(
  major: MajorVersion,
  name: string,
  text: string,
  build: Build = "plain",
): ParameterValue {
  const facts = parameterFacts(major, name, build);
  const value = facts.vartype === "string" ? text : readSetting(facts, text.trim());
  renderValue(major, name, value, build);
  return value;
}

type Refusal = Pick<Problem, "allowed" | "why">;

function refusal(facts: ParameterFacts, value: ParameterValue): Refusal | undefined {
  switch (facts.vartype) {
    case "bool":
      return typeof value === "boolean" ? undefined : wrongKind("true or false");
    case "enum":
      return facts.allowed?.includes(String(value)) === true && typeof value === "string"
        ? undefined
        : wrongKind((facts.allowed ?? []).join(", "));
    case "string":
      if (typeof value !== "string") return wrongKind("text");
      return holdsControls(value)
        ? { allowed: "text of one line", why: "a configuration file holds one parameter a line" }
        : undefined;
    case "integer":
    case "real":
      return numberRefusal(facts, value);
  }
}

function numberRefusal(facts: ParameterFacts, value: ParameterValue): Refusal | undefined {
  const { vartype, unit, min = -Infinity, max = Infinity } = facts;
  const kind = vartype === "integer" ? "a whole number" : "a number";
  const span = `${kind} from ${withUnit(min, unit)} to ${withUnit(max, unit)}`;
  const fits = typeof value === "number" && (vartype === "real" || Number.isSafeInteger(value));
  if (!fits || Number.isNaN(value)) return wrongKind(span);
  if (value >= min && value <= max) return undefined;
  return {
    allowed: unit === null ? span : `${span}, in units of ${unit}`,
    why: "the server refuses to start or to reload with a value outside of its limits",
  };
}

function wrongKind(allowed: string): Refusal {
  return { allowed, why: "the server refuses a value of another kind" };
}

/** How many of a base unit there are in a larger one, largest first, as the server prints them. */
const multiples = {
  memory: { TB: 2 ** 40, GB: 2 ** 30, MB: 2 ** 20, kB: 2 ** 10, B: 1 },
  time: { d: 86_400_000, h: 3_600_000, min: 60_000, s: 1000, ms: 1, us: 0.001 },
};

const base: Readonly<Record<Unit, readonly ["memory" | "time", number]>> = {
  B: ["memory", 1],
  kB: ["memory", 2 ** 10],
  "8kB": ["memory", 2 ** 13],
  MB: ["memory", 2 ** 20],
  ms: ["time", 1],
  s: ["time", 1000],
  min: ["time", 60_000],
};

/** With the largest unit that divides it; zero and negative numbers have a meaning of their own and no unit. */
function withUnit(value: number, unit: Unit | null): string {
  if (unit === null || value <= 0 || !Number.isFinite(value)) return String(value);
  const [family, size] = base[unit];
  const amount = value * size;
  const [name, factor] = Object.entries(multiples[family]).find(([, f]) => amount % f === 0) ?? [
    unit,
    size,
  ];
  return `${amount / factor}${name}`;
}

function readSetting(facts: ParameterFacts, text: string): ParameterValue {
  if (facts.vartype === "bool") {
    if (["on", "true", "yes", "1"].includes(text.toLowerCase())) return true;
    return ["off", "false", "no", "0"].includes(text.toLowerCase()) ? false : text;
  }
  if (facts.vartype === "enum") return text;
  const [, digits, suffix] = /^(-?\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(text) ?? [];
  if (digits === undefined) return text;
  if (suffix === undefined || suffix === "") return Number(digits);
  if (facts.unit === null) return text;
  const [family, size] = base[facts.unit];
  const factor = new Map(Object.entries(multiples[family])).get(suffix);
  return factor === undefined ? text : (Number(digits) * factor) / size;
}

function own(byName: Record<string, StoredFacts>, name: string): StoredFacts | undefined {
  return Object.hasOwn(byName, name) ? byName[name] : undefined;
}

function nearestName(name: string, names: readonly string[]): string {
  return [...names].sort((a, b) => distance(name, a) - distance(name, b))[0] ?? "";
}

function problem(one: Problem): Error {
  return new Error(formatProblems([one]));
}
