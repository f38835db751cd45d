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
  readonly items?: SettingsNode;
  readonly properties?: Readonly<Record<string, SettingsNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SettingsNode | boolean;
}

let root: SettingsNode | undefined;

/** The schema of a stack's file, in which defaults may be left out. Made once, when something first needs it. */
export function settingsNode(): SettingsNode {
  root ??= z.toJSONSchema(settingsSchema, { io: "input", unrepresentable: "any" }) as SettingsNode;
  return root;
}
