import { z } from "zod";
import type { DatabaseSchema } from "../../homes/plan/home";
import { HOMES } from "../../homes/plan/registry";
import type { DatabaseName } from "../../roles/plan/role-plan";
import type { AuditSettings, DatabaseSettings } from "./settings-database";
import { explained } from "./settings-fields";
import { type Settings, stackKeys } from "./settings-stack";

/**
 * The settings of a stack: their names, limits, defaults and reasons. What stands in them is what the error messages and
 * docs/settings.md say. A default that Pulumi merges (a plain top-level value) stands in Pulumi.yaml instead.
 */
export const settingsSchema: z.ZodType<Settings> = z.strictObject({
  sark: inItsHome<DatabaseSettings>("sark"),
  audit: inItsHome<AuditSettings>("sark_audit"),
  ...stackKeys,
  ...homeGroups(),
});

/** A group of settings for each home that has one, by the home's name: the home alone knows its type. */
function homeGroups(): object {
  return Object.fromEntries(
    Object.entries(HOMES).flatMap(([name, { settings }]) =>
      settings.group ? [[name, settings.group]] : [],
    ),
  );
}

/** The settings of a database, whose keys depend on its `home`. */
function inItsHome<T extends DatabaseSettings>(database: DatabaseName): z.ZodType<T> {
  const reasons: string[] = [];
  const schemas = new Map<string, DatabaseSchema<T>>();
  for (const [name, { settings }] of Object.entries(HOMES)) {
    const own = settings[database];
    if (typeof own === "string") reasons.push(`not ${name}: ${own}`);
    else schemas.set(name, own as DatabaseSchema<T>);
  }
  const [first, ...others] = [...schemas.values()];
  if (!first) throw new Error(`no home has ${database}`);
  // What it says is of the key `home`: see settings-json.ts.
  const union: z.ZodType = explained(
    z.discriminatedUnion("home", [first, ...others]),
    "Where the server lives. The other keys depend on it.",
    `one of ${[...schemas.keys()].join(", ")}`,
    ["each home builds the server in its own way", ...reasons].join("; "),
  );
  return union as z.ZodType<T>;
}
