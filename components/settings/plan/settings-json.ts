import { z } from "zod";
import { settingsSchema } from "./settings-schema";

/** Node of the settings' JSON schema, with the documentation that error messages and docs/settings.md show. */
export interface SettingsNode {
  readonly description?: string;
  readonly allowed?: string;
  readonly why?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly SettingsNode[];
  /** Of a database: one schema per home. */
  readonly oneOf?: readonly SettingsNode[];
  readonly items?: SettingsNode;
  readonly properties?: Readonly<Record<string, SettingsNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SettingsNode | boolean;
}

let root: SettingsNode | undefined;

/** JSON schema of the settings in a stack's file; settings with a default are optional. Built once, on first use. */
export function settingsNode(): SettingsNode {
  root ??= withHomes(
    z.toJSONSchema(settingsSchema, { io: "input", unrepresentable: "any" }) as SettingsNode,
  );
  return root;
}

/** Attaches a database's documentation to its key `home`. Each home's schema allows a single value there. */
function withHomes(node: SettingsNode): SettingsNode {
  const properties = Object.entries(node.properties ?? {}).map(([key, child]) => {
    const { oneOf, ...explanation } = child;
    const homes = oneOf?.map((each) => {
      const home = { ...each.properties?.["home"], ...explanation };
      return { ...each, properties: { ...each.properties, home } };
    });
    return [key, homes ? { oneOf: homes } : child];
  });
  return { ...node, properties: Object.fromEntries(properties) as Record<string, SettingsNode> };
}
