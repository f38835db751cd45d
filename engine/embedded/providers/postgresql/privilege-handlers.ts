import { escapeIdentifier } from "pg";
import type { WireObject } from "../../../wire";
import { list, text, type PostgresqlHandler } from "./handler";
import type { DatabaseSession } from "./provider-session";

/** The object of `grant` and `revoke` statements. */
interface Subject {
  /** Roles that a user who is not a superuser must be a member of; undefined if nothing is left to revoke. */
  readonly owners: (
    session: DatabaseSession,
    inputs: WireObject,
  ) => Promise<readonly string[] | undefined>;
  /** The text before `grant` or `revoke`. */
  readonly prefix: (inputs: WireObject) => string;
  readonly object: (inputs: WireObject) => string;
}

const READS = ["role", "database", "schema", "objectType", "privileges"];

export const GRANT: PostgresqlHandler = {
  reads: READS,
  ...handlerOf({
    owners: schemaOwners,
    prefix: () => "",
    object(inputs) {
      const kind = text(inputs, "objectType");
      if (kind === "schema" || kind === "database") {
        return `${kind} ${escapeIdentifier(text(inputs, kind))}`;
      }
      throw new Error(`the embedded engine grants on a database or a schema, not on a ${kind}`);
    },
  }),
  replaceOn: ["role", "database", "schema", "objectType"],
  id: (inputs) =>
    ["role", "database", "schema", "objectType"]
      .map((key) => text(inputs, key))
      .filter((part) => part !== "")
      .join("_"),
};

export const DEFAULT_PRIVILEGES: PostgresqlHandler = {
  reads: [...READS, "owner"],
  ...handlerOf({
    async owners(session, inputs) {
      const owner = text(inputs, "owner");
      return (await session.roleExists(owner)) ? [owner] : undefined;
    },
    prefix(inputs) {
      const schema = text(inputs, "schema");
      const where = schema === "" ? "" : `in schema ${escapeIdentifier(schema)} `;
      return `alter default privileges for role ${escapeIdentifier(text(inputs, "owner"))} ${where}`;
    },
    object: (inputs) => `${text(inputs, "objectType")}s`,
  }),
  replaceOn: ["role", "database", "owner", "schema", "objectType"],
  id: (inputs) =>
    [
      text(inputs, "role"),
      text(inputs, "database"),
      text(inputs, "schema") || "noschema",
      text(inputs, "owner"),
      text(inputs, "objectType"),
    ].join("_"),
};

function handlerOf({ owners, prefix, object }: Subject) {
  const on = (inputs: WireObject) => `on ${object(inputs)}`;
  const role = (inputs: WireObject) => escapeIdentifier(text(inputs, "role"));
  const revoke = (inputs: WireObject) =>
    `${prefix(inputs)}revoke all ${on(inputs)} from ${role(inputs)}`;

  /** Revokes everything, then grants, in one transaction: otherwise a removed privilege would remain. */
  const regrant = (session: DatabaseSession, inputs: WireObject) =>
    session.transaction(async () => {
      await session.asMemberOf((await owners(session, inputs)) ?? [], async () => {
        await session.run(revoke(inputs));
        const privileges = list(inputs, "privileges").join(", ");
        if (privileges === "") return;
        await session.run(`${prefix(inputs)}grant ${privileges} ${on(inputs)} to ${role(inputs)}`);
      });
    });

  return {
    defaults: { withGrantOption: false },
    set: "privileges",
    database: (inputs: WireObject) => text(inputs, "database"),
    create: regrant,
    update: (session: DatabaseSession, _old: WireObject, inputs: WireObject) =>
      regrant(session, inputs),
    async delete(session: DatabaseSession, inputs: WireObject) {
      const grantee = text(inputs, "role");
      // The role's privileges were dropped with it.
      if (grantee !== "public" && !(await session.roleExists(grantee))) return;
      const acted = await owners(session, inputs);
      if (acted === undefined) return;
      await session.transaction(() => session.asMemberOf(acted, () => session.run(revoke(inputs))));
    },
  };
}

async function schemaOwners(
  session: DatabaseSession,
  inputs: WireObject,
): Promise<readonly string[]> {
  if (text(inputs, "objectType") === "database") return [];
  const rows = await session.rows<{ owner: string }>(
    `select pg_catalog.pg_get_userbyid(case
              when pg_catalog.pg_get_userbyid(nspowner) = 'pg_database_owner'
              then (select datdba from pg_catalog.pg_database where datname = pg_catalog.current_database())
              else nspowner end) as owner
     from pg_catalog.pg_namespace where nspname = $1`,
    [text(inputs, "schema")],
  );
  return rows.map(({ owner }) => owner);
}
