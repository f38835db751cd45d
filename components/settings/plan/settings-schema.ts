import { z } from "zod";
import type { DatabaseSchema } from "../../homes/plan/home";
import { HOMES } from "../../homes/plan/registry";
import type { DatabaseName } from "../../roles/plan/role-plan";
import type { AuditSettings, DatabaseSettings } from "./settings-database";
import { withDocumentation } from "./settings-fields";
import { type Settings, stackKeys } from "./settings-stack";

/**
 * Schema of a stack's settings: names, limits, defaults and reasons. Error messages and docs/settings.md are made from
 * it. Defaults that Pulumi merges (plain top-level values) are in Pulumi.yaml instead.
 */
export const settingsSchema: z.ZodType<Settings> = z.strictObject({
  sark: databaseSchema<DatabaseSettings>("sark"),
  audit: databaseSchema<AuditSettings>("sark_audit"),
  ...stackKeys,
  ...homeGroups(),
});

/** Settings groups of the homes, by home name. Only the home knows the type of its group. */
function homeGroups(): object {
  return Object.fromEntries(
    Object.entries(HOMES).flatMap(([name, { settings }]) =>
      settings.group ? [[name, settings.group]] : [],
    ),
  );
}

/** Settings of a database; the allowed keys depend on its `home`. */
function databaseSchema<T extends DatabaseSettings>(database: DatabaseName): z.ZodType<T> {
  const reasons: string[] = [];
  const schemas = new Map<string, DatabaseSchema<T>>();
  for (const [name, { settings }] of Object.entries(HOMES)) {
    const own = settings[database];
    if (typeof own === "string") reasons.push(`not ${name}: ${own}`);
    else schemas.set(name, own as DatabaseSchema<T>);
  }
  const [first, ...others] = [...schemas.values()];
  if (!first) throw new Error(`no home has ${database}`);
  // This documents the key `home`: see settings-json.ts.
  const union: z.ZodType = withDocumentation(
    z.discriminatedUnion("home", [first, ...others]),
    "Home of the server: where it runs. The other keys depend on it.",
    `one of ${[...schemas.keys()].join(", ")}`,
    ["each home provisions the server differently", ...reasons].join("; "),
  );
  return union as z.ZodType<T>;
}
