import * as fs from "node:fs";
import * as path from "node:path";
import { parseDocument } from "yaml";
import { UserError, type StackRef } from "../engine";
import { printable, printableTail, shortened } from "../../components/text/printable";
import { suggestion } from "../../components/text/suggestion";
import type { ProjectNames } from "./registration";
import { refuseFaults } from "./yaml-faults";

/** The settings of both files, merged as the Pulumi CLI does it. */
export interface ProjectConfig extends ProjectNames {
  /** By full key (`namespace:name`); structured values are JSON. */
  readonly values: Readonly<Record<string, string>>;
}

type Yaml = Readonly<Record<string, unknown>>;

/** The keys of a stack's file that the CLI supports. */
const STACK_KEYS = ["config", "environment", "secretsprovider", "encryptedkey", "encryptionsalt"];

/** Maximum nesting of a value; no setting has a tenth of it. */
const MAX_DEPTH = 100;

/** The keys that make an entry of `Pulumi.yaml`'s `config:` a description instead of a value. */
const DESCRIPTION_KEYS = ["default", "value", "type", "description", "items", "secret"];

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml`. A key in the stack's file replaces the project's whole default. Throws
 * {@link UserError} for a stack without a file, a required key without a value, and encrypted values.
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
  refuseUnknownKeys(stackDocument, `Pulumi.${stack}.yaml`);
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
    // With merge keys, which the CLI supports and YAML 1.2 does not have.
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

function refuseUnknownKeys(document: Yaml, file: string): void {
  const unknown = Object.keys(document).find((key) => !STACK_KEYS.includes(key));
  if (unknown === undefined) return;
  const near = suggestion(unknown, STACK_KEYS);
  const hint = near === undefined ? `Allowed: ${STACK_KEYS.join(", ")}.` : `Did you mean ${near}?`;
  throw new UserError(`${file}: ${shortened(unknown)} is not a key of a stack's file. ${hint}`);
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
    `${shortened(twice)} is set twice in ${path.basename(file)}, with and without its namespace. Remove one.`,
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

/** Describes a value that JSON cannot express, which the CLI refuses, too. @param above the groups and lists around it */
function shapeProblem(value: unknown, above: readonly unknown[]): string | undefined {
  if (typeof value === "number" && !Number.isFinite(value)) {
    return `contains ${value}, which is not a valid number`;
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (above.includes(value)) return "contains itself through a YAML alias. Write the value out";
  if (above.length >= MAX_DEPTH) return `is nested more than ${MAX_DEPTH} levels deep`;
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

/** The stacks that have a file. The names may include invalid ones. */
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
