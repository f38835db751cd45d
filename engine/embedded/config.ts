import * as fs from "node:fs";
import * as path from "node:path";
import { parseDocument } from "yaml";
import { UserError, type StackRef } from "../engine";
import { printable, printableTail, shortened } from "../../components/text/printable";
import { suggestion } from "../../components/text/suggestion";
import type { Names } from "./registration";
import { refuseFaults } from "./yaml-faults";

/** What the two settings files say, merged as the Pulumi CLI merges them. */
export interface ProjectConfig extends Names {
  /** By full key (`namespace:name`); structured values are JSON. */
  readonly values: Readonly<Record<string, string>>;
}

type Yaml = Readonly<Record<string, unknown>>;

/** The keys of a stack's file, which the CLI knows. */
const STACK_KEYS = ["config", "environment", "secretsprovider", "encryptedkey", "encryptionsalt"];

/** Levels of a value; no setting has a tenth of them. */
const DEEPEST = 100;

/** The keys that make an entry of `Pulumi.yaml`'s `config:` a description instead of a value. */
const DESCRIPTION_KEYS = ["default", "value", "type", "description", "items", "secret"];

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml`. A key that the stack sets replaces the project's default as a whole.
 * Throws {@link UserError} for a stack that has no file, a key without a value, and encrypted values.
 */
export function readConfig({ root, stack }: StackRef): ProjectConfig {
  const projectFile = path.join(root, "Pulumi.yaml");
  if (!fs.existsSync(projectFile)) throw new UserError(`There is no Pulumi.yaml in ${root}.`);
  const project = readYaml(projectFile);
  const name = project["name"];
  if (typeof name !== "string") throw new UserError("Pulumi.yaml has no `name`.");

  const stackFile = path.join(root, `Pulumi.${stack}.yaml`);
  if (!fs.existsSync(stackFile)) throw unknownStack(root, stack);
  const stackDocument = readYaml(stackFile);
  refuseStrangers(stackDocument, `Pulumi.${stack}.yaml`);
  if (stackDocument["environment"] !== undefined) {
    throw new UserError(
      `Pulumi.${stack}.yaml has \`environment\`, which only the Pulumi CLI can open. ` +
        "Use --engine pulumi, or write the settings into `config`.",
    );
  }

  const stackValues = namespaced(name, section(stackDocument, stackFile), stackFile);
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(stackValues)) {
    // The CLI treats a key without a value as not set.
    if (value !== null) values[key] = render(key, value, `Pulumi.${stack}.yaml`);
  }
  const missing: string[] = [];
  for (const [key, entry] of Object.entries(
    namespaced(name, section(project, projectFile), projectFile),
  )) {
    if (key in values) continue;
    const value = defaultOf(entry);
    if (value !== undefined && value !== null) values[key] = render(key, value, "Pulumi.yaml");
    else if (key.startsWith(`${name}:`)) missing.push(key);
  }
  if (missing.length > 0) {
    throw new UserError(
      `Pulumi.${stack}.yaml lacks ${printable(missing.join(", "))}: Pulumi.yaml declares ${missing.length === 1 ? "it" : "them"} without a default.`,
    );
  }
  return { project: name, stack, values };
}

function readYaml(file: string): Yaml {
  let document: unknown;
  try {
    // As the CLI reads it: with merge keys, which YAML 1.2 has not.
    const parsed = parseDocument(fs.readFileSync(file, "utf8"), { merge: true });
    refuseFaults(parsed);
    document = parsed.toJS();
  } catch (error) {
    const problem =
      error instanceof RangeError ? "it is nested too deeply" : (error as Error).message;
    throw new UserError(`${path.basename(file)}: ${printableTail(problem)}`);
  }
  // An empty file is an empty document.
  if (document === null) return {};
  if (!isMap(document))
    throw new UserError(`${path.basename(file)} must be a mapping of keys to values.`);
  return document;
}

function refuseStrangers(document: Yaml, file: string): void {
  const stranger = Object.keys(document).find((key) => !STACK_KEYS.includes(key));
  if (stranger === undefined) return;
  const near = suggestion(stranger, STACK_KEYS);
  const hint = near === undefined ? `It has ${STACK_KEYS.join(", ")}.` : `Did you mean ${near}?`;
  throw new UserError(`${file}: ${shortened(stranger)} is no key of a stack's file. ${hint}`);
}

function section(document: Yaml, file: string): Yaml {
  const config = document["config"] ?? {};
  if (isMap(config)) return config;
  throw new UserError(`\`config\` in ${path.basename(file)} must be a mapping of keys to values.`);
}

/** A key without a namespace belongs to the project. */
function namespaced(project: string, config: Yaml, file: string): Yaml {
  const values = Object.entries(config).map(([key, value]): [string, unknown] => [
    key.includes(":") ? key : `${project}:${key}`,
    value,
  ]);
  const keys = values.map(([key]) => key);
  const twice = keys.find((key, at) => keys.indexOf(key) < at);
  if (twice === undefined) return Object.fromEntries(values);
  throw new UserError(
    `${shortened(twice)} stands twice in ${path.basename(file)}, with its namespace and without. Remove one.`,
  );
}

function defaultOf(entry: unknown): unknown {
  if (!isMap(entry)) return entry;
  const isDescription = Object.keys(entry).some((key) => DESCRIPTION_KEYS.includes(key));
  return isDescription ? (entry["default"] ?? entry["value"]) : entry;
}

function render(key: string, value: unknown, file: string): string {
  const problem = shapeProblem(value, []);
  if (problem !== undefined) throw new UserError(`${shortened(key)} in ${file} ${problem}.`);
  if (holdsSecret(value)) {
    throw new UserError(
      `${shortened(key)} in ${file} is encrypted (\`secure:\`), and the embedded engine has no key to read it. ` +
        "Use --engine pulumi for this stack.",
    );
  }
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}

/** What JSON has no words for, and the CLI refuses too. @param above the groups and lists around the value */
function shapeProblem(value: unknown, above: readonly unknown[]): string | undefined {
  if (typeof value === "number" && !Number.isFinite(value)) {
    return `holds ${value}, which is no number that a setting can have`;
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (above.includes(value)) return "contains itself, by an alias of YAML. Write the value out";
  if (above.length >= DEEPEST) return `is nested more than ${DEEPEST} levels deep`;
  for (const each of Object.values(value)) {
    const problem = shapeProblem(each, [...above, value]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function holdsSecret(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsSecret);
  if (!isMap(value)) return false;
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === "secure" && typeof value["secure"] === "string") return true;
  return Object.values(value).some(holdsSecret);
}

function isMap(value: unknown): value is Yaml {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The stacks that have a file. Names that no stack can have are among them. */
export function listStacks(root: string): readonly string[] {
  return fs
    .readdirSync(root)
    .map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1])
    .filter((stack) => stack !== undefined)
    .sort();
}

function unknownStack(root: string, stack: string): UserError {
  const stacks = listStacks(root);
  return new UserError(
    stacks.length === 0
      ? `There is no stack "${stack}": ${root} has no Pulumi.<stack>.yaml.`
      : `There is no stack "${stack}". Stacks that have a file: ${printable(stacks.join(", "))}.`,
  );
}
