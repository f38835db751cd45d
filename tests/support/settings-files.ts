/** Generates settings files of every shape, from the schema of the settings and from texts that are often misread. */
import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { type SettingsNode, settingsNode } from "../../components/settings/plan/settings-json";
import { MISREAD_TEXTS } from "./misread-texts";

const ODD: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...MISREAD_TEXTS),
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -0,
    -1,
    1,
    1.5,
    1e21,
    1e308,
    5e-324,
    2 ** 53,
    Infinity,
    NaN,
  ),
  fc.constantFrom<unknown>([], {}, [[]], [null], { a: 1 }, { "": "" }, [1, "a", {}], {
    a: { a: { a: {} } },
  }),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.double(),
  fc.integer(),
  fc.anything({ maxDepth: 3, withNullPrototype: false }).filter(isYaml),
);

function isYaml(value: unknown): boolean {
  if (typeof value === "object" && value !== null) {
    return (
      (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) &&
      Object.values(value).every(isYaml)
    );
  }
  return ["string", "number", "boolean"].includes(typeof value) || value === null;
}

/** A valid value, if the schema allows to make one, and the examples of its explanation. */
function sound(node: SettingsNode): fc.Arbitrary<unknown> {
  const ways = node.anyOf ?? node.oneOf;
  if (ways) return fc.oneof(...ways.map(sound));
  if (node.enum) return fc.constantFrom(...node.enum);
  if (node.const !== undefined) return fc.constant(node.const);
  if (node.items) return fc.array(value(node.items), { maxLength: 3 });
  switch (node.type) {
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({
        min: Math.max(node.minimum ?? 0, -1e9),
        max: Math.min(node.maximum ?? 1e9, 1e9),
      });
    case "number":
      return fc.double({ min: node.minimum ?? 0, max: node.maximum ?? 1e6, noNaN: true });
    case "object":
      return group(node);
    default:
      return text(node.allowed ?? "");
  }
}

/** Mostly an example of the explanation. */
function text(allowed: string): fc.Arbitrary<unknown> {
  const examples = /such as (.*)/.exec(allowed)?.[1]?.match(/[^\s,"]+/g) ?? ["example"];
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...examples) },
    { weight: 1, arbitrary: fc.constantFrom(...MISREAD_TEXTS) },
  );
}

function value(node: SettingsNode): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 30, arbitrary: sound(node) }, { weight: 1, arbitrary: ODD });
}

const PARAMETERS = [
  "work_mem",
  "max_connections",
  "log_statement",
  "ssl",
  "shared_buffers",
  "session_preload_libraries",
  "synchronous_standby_names",
  "wal_level",
  "transaction_timeout",
  "rds.force_ssl",
  "Random_Page_Cost",
  "nonsense",
  "a.b",
];

function group(node: SettingsNode): fc.Arbitrary<unknown> {
  const { properties, additionalProperties: others, required = [] } = node;
  if (properties) {
    const all = Object.entries(properties);
    const optional = Object.keys(properties).filter((key) => !required.includes(key));
    const known = fc
      .subarray(optional, { maxLength: Math.min(1, optional.length) })
      .chain((chosen) => {
        const shown = all.filter(([key]) => required.includes(key) || chosen.includes(key));
        return fc.record(Object.fromEntries(shown.map(([key, each]) => [key, value(each)])));
      });
    const strange = fc.tuple(known, fc.oneof(fc.constantFrom(...MISREAD_TEXTS), fc.string()), ODD);
    return fc.oneof(
      { weight: 40, arbitrary: known },
      {
        weight: 1,
        arbitrary: strange.map(([group, key, odd]) =>
          Object.fromEntries([...Object.entries(group), [key, odd]]),
        ),
      },
    );
  }
  if (typeof others !== "object") return ODD;
  const name = fc.oneof(
    fc.constantFrom(...PARAMETERS, "eks", "tier", "sark-audit"),
    fc.constantFrom(...MISREAD_TEXTS),
  );
  return fc.dictionary(name, value(others), { maxKeys: 3 });
}

/**
 * The settings of the committed stacks: every generated setting is combined with one of them, so that files for each
 * home have a plan.
 */
const STACKS = ["local", "dev", "prod"].map((stack) => {
  const file = path.resolve(__dirname, `../../Pulumi.${stack}.yaml`);
  const { config } = parse(fs.readFileSync(file, "utf8")) as { config: Settings };
  return Object.fromEntries(
    Object.entries(config).map(([key, each]) => [key.replace(/^.*:/, ""), each]),
  );
});

type Settings = Readonly<Record<string, unknown>>;

function isGroup(each: unknown): each is Settings {
  return typeof each === "object" && each !== null && !Array.isArray(each);
}

/** Settings with those of a stack over them. */
function over(settings: unknown, stack: unknown): unknown {
  if (!isGroup(stack)) return stack;
  if (!isGroup(settings)) return settings;
  const entries = Object.entries(stack).map(([key, each]) => [
    key,
    key in settings ? over(settings[key], each) : each,
  ]);
  return { ...settings, ...(Object.fromEntries(entries) as Settings) };
}

/** The schema with the keys of the homes that a stack names; it rejects others. */
function inItsHomes(stack: Settings): SettingsNode {
  const root = settingsNode();
  const properties = Object.entries(root.properties ?? {}).map(([key, node]) => {
    const database = stack[key];
    const named = node.oneOf?.find(
      (each) => isGroup(database) && each.properties?.["home"]?.const === database["home"],
    );
    return [key, named ?? node];
  });
  return { ...root, properties: Object.fromEntries(properties) as Record<string, SettingsNode> };
}

/** The `config` of a file, as YAML; sometimes with values that only YAML has. */
export const SETTINGS_FILE: fc.Arbitrary<string> = fc
  .constantFrom(...STACKS, {})
  .chain((stack: Settings) =>
    fc.tuple(
      fc.oneof(
        { weight: 30, arbitrary: group(inItsHomes(stack)) },
        { weight: 1, arbitrary: group(settingsNode()) },
      ),
      fc.constantFrom(
        "sark-databases:",
        "sark-databases:",
        "sark-databases:",
        "",
        "sark-database:",
        "aws:",
      ),
      fc.oneof(
        { weight: 12, arbitrary: fc.constant("") },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            "  pool: &a [*a]\n",
            "  pool: &a { instances: { a: *a } }\n",
            "  sark: &a { <<: *a, home: local }\n",
            `  pool: ${"[".repeat(90)}${"]".repeat(90)}\n`,
            `  pool: ${"[".repeat(3_000)}${"]".repeat(3_000)}\n`,
            `  pool: ${"{ a: ".repeat(4_000)}\n`,
            "  pool: !secret x\n",
            "  pool: { instances: 2, instances: 3 }\n",
            "  pool: { secure: v1:abc }\n",
            "  ? [a]\n  : b\n",
            "  1: 2\n",
            "\tpool: 1\n",
            "---\n",
            "confg: 1\n",
          ),
        },
      ),
      fc.constant(stack),
    ),
  )
  .map(([config, namespace, tail, stack]) => {
    const keys = Object.entries(over(config, stack) as Settings).map(([key, each]) => [
      `${namespace}${key}`,
      each,
    ]);
    const text = stringify({ config: Object.fromEntries(keys) as object }, { lineWidth: 0 });
    return `${text}${tail}`;
  });
