import postgresql16 from "./known/postgresql-16.json";
import postgresql17 from "./known/postgresql-17.json";
import postgresql18 from "./known/postgresql-18.json";
import { closest } from "fastest-levenshtein";
import { type Build, additionalEnumValues } from "./known/builds";
import {
  extensionFacts,
  extensionNames,
  unknownParameterReason,
} from "./known/extension-parameters";
import type { ParameterFacts, ParameterValue, StoredFacts, Unit } from "./known/parameter-facts";
import { baseUnits, unitFactors, parseParameterText } from "./known/notation";
import { hasControlCharacters, quoted } from "../text/printable";
import { formatProblems } from "../text/problem";
import type { Problem, ProblemReason } from "../text/problem";

/** Major versions of PostgreSQL that the stack supports. */
export type MajorVersion = 16 | 17 | 18;

/** All supported major versions, for iteration. */
export const majorVersions: readonly MajorVersion[] = [16, 17, 18];

// To the compiler, enum words in a JSON module are plain strings; tests compare each with a server.
const servers: Readonly<Record<MajorVersion, ReadonlyMap<string, StoredFacts>>> = {
  16: new Map(Object.entries(postgresql16 as Record<string, StoredFacts>)),
  17: new Map(Object.entries(postgresql17 as Record<string, StoredFacts>)),
  18: new Map(Object.entries(postgresql18 as Record<string, StoredFacts>)),
};

/** All settable parameters of a major version, including those of TimescaleDB and auto_explain, sorted. */
export function parameterNames(major: MajorVersion, build: Build = "plain"): readonly string[] {
  return [...servers[major].keys(), ...extensionNames(build)].sort();
}

/**
 * Facts about one parameter of a major version.
 *
 * @throws ParameterError with the closest name when the server has no such parameter
 */
export function parameterFacts(
  major: MajorVersion,
  name: string,
  build: Build = "plain",
): ParameterFacts {
  const key = name.toLowerCase();
  const stored = servers[major].get(key) ?? extensionFacts(key, build);
  if (stored === undefined) throw new ParameterError(unknownParameter(major, name, build));
  const id = `${major} ${build} ${key}`;
  const facts = known.get(id) ?? factsOf(key, stored, build);
  known.set(id, facts);
  return facts;
}

/** Facts that were asked for before: a plan asks for each a hundred times. */
const known = new Map<string, ParameterFacts>();

function factsOf(key: string, stored: StoredFacts, build: Build): ParameterFacts {
  const { type, unit, ...facts } = stored;
  return {
    ...facts,
    ...(facts.allowed ? { allowed: [...facts.allowed, ...additionalEnumValues(build, key)] } : {}),
    name: key,
    vartype: type,
    unit: unit ?? null,
    boot: facts.boot ?? null,
    restart: facts.context === "postmaster",
  };
}

/**
 * Renders a value in the notation of `postgresql.conf` and `SHOW`: `262144` pages are `2GB`, `true` is `on`.
 *
 * @param value in the parameter's own unit
 * @throws ParameterError with key, value, allowed values and why, when a server would reject the
 *   value
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
    throw new ParameterError({ key: facts.name, value: shown, ...refused });
  }
  if (typeof value === "boolean") return value ? "on" : "off";
  return typeof value === "number" ? withUnit(value, facts.unit) : value;
}

/**
 * The reverse of {@link renderValue}: parses `2GB`, `1min`, `on` or a bare number into the parameter's own unit, by the
 * server's rules.
 *
 * @throws as {@link renderValue} does
 */
export function parseSetting(
  major: MajorVersion,
  name: string,
  text: string,
  build: Build = "plain",
): ParameterValue {
  const facts = parameterFacts(major, name, build);
  const value = parseParameterText(facts, text);
  renderValue(major, name, value, build);
  return value;
}

function refusal(facts: ParameterFacts, value: ParameterValue): ProblemReason | undefined {
  switch (facts.vartype) {
    case "bool":
      return typeof value === "boolean"
        ? undefined
        : { allowed: "true or false", why: "the server reads it as a boolean" };
    case "enum":
      return facts.allowed?.includes(String(value)) === true && typeof value === "string"
        ? undefined
        : { allowed: (facts.allowed ?? []).join(", "), why: "the server accepts no other word" };
    case "string":
      if (typeof value !== "string") return { allowed: "text", why: "the server reads it as text" };
      return hasControlCharacters(value)
        ? {
            allowed: "a single line of text",
            why: "a configuration file has one parameter per line",
          }
        : undefined;
    case "integer":
    case "real":
      return numberRefusal(facts, value);
  }
}

function numberRefusal(facts: ParameterFacts, value: ParameterValue): ProblemReason | undefined {
  const { vartype, unit, min = -Infinity, max = Infinity } = facts;
  const fits = typeof value === "number" && (vartype === "real" || Number.isSafeInteger(value));
  if (fits && value >= min && value <= max) return undefined;
  const kind = vartype === "integer" ? "a whole number" : "a number";
  const span = `${kind} from ${withUnit(min, unit)} to ${withUnit(max, unit)}`;
  if (!fits || Number.isNaN(value)) return { allowed: span, why: unitsOf(unit) };
  return {
    allowed: unit === null ? span : `${span}, in units of ${unit}`,
    why: "the server does not start or reload with a value outside its limits",
  };
}

function unitsOf(unit: Unit | null): string {
  if (unit === null) return "the server reads it as a number without a unit";
  const units = Object.keys(unitFactors[baseUnits[unit][0]]).reverse().join(", ");
  return `the server reads it as a number in ${unit}, or with one of the units ${units}`;
}

/**
 * Formats with the largest unit that divides the value; zero and negative numbers have special meanings and no unit.
 */
function withUnit(value: number, unit: Unit | null): string {
  if (unit === null || value <= 0 || !Number.isFinite(value)) return String(value);
  const [family, size] = baseUnits[unit];
  const amount = value * size;
  const [name, factor] = Object.entries(unitFactors[family]).find(([, f]) => amount % f === 0) ?? [
    unit,
    size,
  ];
  return `${amount / factor}${name}`;
}

function unknownParameter(major: MajorVersion, name: string, build: Build): Problem {
  const nearest = closest(name.toLowerCase(), parameterNames(major, build));
  const where = build === "rds" ? `PostgreSQL ${major} on RDS` : `PostgreSQL ${major}`;
  return {
    key: name,
    value: "a parameter",
    allowed: `a parameter that ${where} has, such as ${nearest}`,
    why: unknownParameterReason(name.toLowerCase(), build),
  };
}

/** Unknown parameter, or a value that the server rejects. */
export class ParameterError extends Error {
  override readonly name = "ParameterError";

  constructor(readonly problem: Problem) {
    super(formatProblems([problem]));
  }
}
