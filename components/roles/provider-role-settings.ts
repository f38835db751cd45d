import type { Client } from "pg";
import { type ConnectionInput, databaseProvider } from "../connections/provider-connection";

export interface RoleSettingsInputs {
  readonly connection: ConnectionInput;
  /** Role to setting to value, such as `sark_app_a: { statement_timeout: "30s" }`. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * `alter role ... in database ... set`, in one resource for all roles of a database. The PostgreSQL provider supports
 * some of these settings as role attributes, but not `lock_timeout`, and none per database.
 */
export const roleSettingsProvider = databaseProvider<RoleSettingsInputs>(
  "role-settings",
  { connection: true, settings: true },
  apply,
);

/**
 * Sets exactly the listed settings of each listed role, and resets roles that are no longer listed, if they still
 * exist.
 */
async function apply(
  client: Client,
  inputs: RoleSettingsInputs,
  olds?: RoleSettingsInputs,
): Promise<void> {
  const database = client.escapeIdentifier(inputs.connection.database);
  const wanted = inputs.settings;
  const { rows } = await client.query<{ rolname: string }>(
    "select rolname from pg_catalog.pg_roles where rolname = any($1)",
    [Object.keys(olds?.settings ?? {})],
  );
  const dropped = rows.map((row) => row.rolname).filter((role) => !(role in wanted));

  for (const role of [...dropped, ...Object.keys(wanted)]) {
    const scope = `alter role ${client.escapeIdentifier(role)} in database ${database}`;
    await client.query(`${scope} reset all`);
    for (const [name, value] of Object.entries(wanted[role] ?? {})) {
      await client.query(
        `${scope} set ${client.escapeIdentifier(name)} to ${client.escapeLiteral(value)}`,
      );
    }
  }
}
