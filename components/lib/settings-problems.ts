import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { quoted } from "./printable";
import type { Problem } from "./problem";
import { settingsSchema } from "./settings-schema";

/** The parts of a JSON schema that a message needs. */
interface SchemaNode {
  readonly allowed?: string;
  readonly why?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
}

type Path = readonly PropertyKey[];

/** Zod's issues as this project tells problems: key, value, what is allowed, and why. */
export function settingsProblems(error: z.ZodError, raw: unknown): readonly Problem[] {
  const root = z.toJSONSchema(settingsSchema, {
    io: "input",
    unrepresentable: "any",
  }) as SchemaNode;
  return error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => unknownKey(issue.path, key, nodeAt(root, issue.path)))
      : [invalidValue(issue.path, raw, nodeAt(root, issue.path))],
  );
}

function invalidValue(path: Path, raw: unknown, node: SchemaNode | undefined): Problem {
  const value = path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    raw,
  );
  return {
    key: settingKey(path),
    value: value === undefined ? "nothing" : quoted(value),
    allowed: node?.allowed ?? keysOf(node),
    why: node?.why ?? "the setting is a group of others",
  };
}

function unknownKey(path: Path, key: string, node: SchemaNode | undefined): Problem {
  const known = Object.keys(node?.properties ?? {});
  const near = known.length > 0 ? closest(key, known) : "";
  const close = near !== "" && distance(key, near) <= Math.max(2, key.length / 3);
  return {
    key: settingKey([...path, key]),
    value: "a key that does not exist",
    allowed: close ? `did you mean ${near}?` : keysOf(node),
    why: "a misspelt setting would have no effect, and nobody would know",
  };
}

function keysOf(node: SchemaNode | undefined): string {
  const keys = Object.keys(node?.properties ?? {});
  return keys.length > 0 ? `the keys ${keys.join(", ")}` : "nothing";
}

function nodeAt(root: SchemaNode, path: Path): SchemaNode | undefined {
  return path.reduce<SchemaNode | undefined>((node, key) => {
    const others = node?.additionalProperties;
    return node?.properties?.[String(key)] ?? (typeof others === "object" ? others : undefined);
  }, root);
}

/** `sark-databases:audit.size.memory`, as `pulumi config set --path` takes it. */
export function settingKey(path: Path): string {
  return `sark-databases:${path.map(String).join(".")}`;
}
