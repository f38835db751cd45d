import { z } from "zod";
import { settingsSchema } from "./settings-schema";

/** A part of the JSON schema of the settings, with what a message and docs/settings.md say of it. */
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
  /** Of a database: its keys in each home. */
  readonly oneOf?: readonly SettingsNode[];
  readonly items?: SettingsNode;
  readonly properties?: Readonly<Record<string, SettingsNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SettingsNode | boolean;
}

let root: SettingsNode | undefined;

/** The schema of a stack's file, in which defaults may be left out. Made once, when something first needs it. */
export function settingsNode(): SettingsNode {
  root ??= withHomes(
    z.toJSONSchema(settingsSchema, { io: "input", unrepresentable: "any" }) as SettingsNode,
  );
  return root;
}

/** A database's own explanation is that of its key `home`, of which each home's schema knows one value. */
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
