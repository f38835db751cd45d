import { closest, distance } from "fastest-levenshtein";
import { suggestion } from "../../text/suggestion";
import type { z } from "zod";
import { quoted } from "../../text/printable";
import type { Problem } from "../../text/problem";
import { NAMESPACE, settingKey } from "./setting-key";
import { type SettingsNode, settingsNode } from "./settings-json";

type Path = readonly PropertyKey[];

/** Namespaces of the Pulumi providers in use, and of Pulumi itself. */
const OTHER_NAMESPACES = ["aws", "kubernetes", "postgresql", "random", "pulumi"];

const MISSPELT = "a misspelt setting would be ignored without a warning";

/** Reports a misspelt namespace. Namespaces unlike any known one are accepted: they may belong to other tools. */
export function namespaceProblems(key: string): readonly Problem[] {
  const [namespace = "", ...name] = key.split(":");
  const known = [NAMESPACE, ...OTHER_NAMESPACES];
  if (known.includes(namespace)) return [];
  const own = namespace.toLowerCase().includes("sark");
  const near = own ? NAMESPACE : closest(namespace.toLowerCase(), known);
  if (!own && distance(namespace.toLowerCase(), near) > near.length / 3) return [];
  return [
    {
      key,
      value: "an unknown namespace",
      allowed: `did you mean ${[near, ...name].join(":")}?`,
      why: MISSPELT,
    },
  ];
}

/**
 * Validation errors as problems: key, value, allowed values, and why.
 * @param issues Zod's issues; they miss keys called `__proto__` in groups with free names, so those
 *   are looked for here
 */
export function settingsProblems(
  issues: readonly z.core.$ZodIssue[],
  raw: unknown,
): readonly Problem[] {
  const groups = prototypeKeys(raw);
  if (groups.length + issues.length === 0) return [];
  return [
    ...groups.map((path) => unknownKey(path, PROTOTYPE, raw)),
    ...issues.flatMap((issue) => {
      const { code, path } = issue;
      if (code === "unrecognized_keys") {
        const keys = issue.keys.filter((key) => key !== PROTOTYPE);
        return keys.map((key) => unknownKey(path, key, raw));
      }
      return [code === "invalid_key" ? invalidName(path, raw) : invalidValue(path, raw)];
    }),
  ];
}

const PROTOTYPE = "__proto__";

/** Paths of groups that have a key `__proto__`. */
function prototypeKeys(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [];
  const nested = Object.entries(value).flatMap(([key, each]) =>
    prototypeKeys(each, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return Object.hasOwn(value, PROTOTYPE) ? [path, ...nested] : nested;
}

function invalidValue(path: Path, raw: unknown): Problem {
  const value = path.reduce(valueIn, raw);
  const node = schemaAt(path, raw);
  const { allowed, why } = explanation(node);
  return {
    key: settingKey(path),
    value: value === undefined ? "nothing" : quoted(value),
    allowed: `${allowed}${quotesFor(value, node, allowed)}`,
    why,
  };
}

/** An invalid name in a group whose names the user chooses. */
function invalidName(path: Path, raw: unknown): Problem {
  const group = path.slice(0, -1);
  return {
    key: settingKey(group),
    value: `the name ${quoted(String(path.at(-1)))}`,
    ...explanation(schemaAt(group, raw)),
  };
}

function explanation(node: SettingsNode | undefined): Pick<Problem, "allowed" | "why"> {
  return {
    allowed: node?.allowed ?? allowedKeys(node),
    why: node?.why ?? "the setting is a group of other settings",
  };
}

/**
 * Hint about quotes. YAML reads an unquoted version as a number and a quoted number as a string, and the value alone
 * does not show which.
 */
function quotesFor(value: unknown, node: SettingsNode | undefined, allowed: string): string {
  if (typeof value === "string") {
    const meant = /^(true|false)$/.test(value) ? "boolean" : "number";
    const plain = meant === "boolean" || /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value);
    return plain && takes(node, meant) && !takes(node, "string") ? ", without quotes" : "";
  }
  const plain = typeof value === "number" || typeof value === "boolean";
  const wanted = plain && takes(node, "string") && !takes(node, typeof value);
  return wanted && !allowed.includes("in quotes") ? ", in quotes" : "";
}

/** Whether the schema accepts values of a JavaScript type. */
function takes(node: SettingsNode | undefined, type: string): boolean {
  if (node === undefined) return false;
  if (node.anyOf) return node.anyOf.some((each) => takes(each, type));
  const values = node.enum ?? (node.const === undefined ? undefined : [node.const]);
  if (values) return values.some((each) => typeof each === type);
  return (node.type === "integer" ? "number" : node.type) === type;
}

function unknownKey(path: Path, key: string, raw: unknown): Problem {
  const homes = homesWith(path, key);
  if (homes.length > 0) {
    return {
      key: settingKey([...path, key]),
      value: "a key of another home",
      allowed: `nothing, unless ${String(path[0])}.home is ${homes.join(" or ")}`,
      why: `the home ${String(valueIn(valueIn(raw, path[0] ?? ""), "home"))} does not read it, so it would be ignored without a warning`,
    };
  }
  const node = schemaAt(path, raw);
  const known = Object.keys(node?.properties ?? {});
  const near = suggestion(key, known);
  return {
    key: settingKey([...path, key]),
    value: "an unknown key",
    allowed: near === undefined ? allowedKeys(node) : `did you mean ${near}?`,
    why: MISSPELT,
  };
}

function allowedKeys(node: SettingsNode | undefined): string {
  const home = node?.oneOf?.[0]?.properties?.["home"]?.allowed;
  if (home !== undefined) return `a home (${home}) and its keys`;
  const keys = Object.keys(node?.properties ?? {});
  if (keys.length > 0) return `the keys ${keys.join(", ")}`;
  const others = node?.additionalProperties;
  return typeof others === "object" && others.allowed
    ? `names, each with ${others.allowed}`
    : "nothing";
}

/** Schema node at a path. A list element without its own documentation has that of its list. */
function schemaAt(path: Path, raw: unknown): SettingsNode | undefined {
  let node: SettingsNode | undefined = settingsNode();
  let value = raw;
  for (const key of path) {
    node = childOf(inHome(node, value), key);
    value = valueIn(value, key);
  }
  return inHome(node, value);
}

function childOf(node: SettingsNode | undefined, key: PropertyKey): SettingsNode | undefined {
  if (node?.items) return { ...explanation(node), ...node.items };
  const others = node?.additionalProperties;
  return node?.properties?.[String(key)] ?? (typeof others === "object" ? others : undefined);
}

/**
 * Schema of a database in the home that it names. Without a valid home, the first schema: all document the key `home`
 * alike.
 */
function inHome(node: SettingsNode | undefined, value: unknown): SettingsNode | undefined {
  const isGroup = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!node?.oneOf || !isGroup) return node;
  const home = valueIn(value, "home");
  return node.oneOf.find(({ properties }) => properties?.["home"]?.const === home) ?? node.oneOf[0];
}

/** Homes in which a database has this key. */
function homesWith([database, ...path]: Path, key: string): readonly string[] {
  const homes = database === undefined ? [] : (childOf(settingsNode(), database)?.oneOf ?? []);
  return homes.flatMap((home) => {
    const group = path.reduce<SettingsNode | undefined>(childOf, home);
    return group?.properties && Object.hasOwn(group.properties, key)
      ? [String(home.properties?.["home"]?.const)]
      : [];
  });
}

function valueIn(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
