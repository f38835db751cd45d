import type { WireObject } from "../../../wire";
import type { CheckFailure } from "../provider";
import type { Handler } from "./handler";
import { GRANT_TYPES, granteeGone, privilegeProblems } from "./privileges";
import type { Session } from "./provider-session";
import { flag, ident, list, qualified, text } from "./sql";

export const GRANT: Handler = {
  required: ["role", "database", "objectType"],
  defaults: { withGrantOption: false },
  sets: ["privileges", "objects", "columns"],
  replaceOn: [
    ...["role", "database", "schema", "objectType", "objects", "columns", "withGrantOption"],
  ],

  problems(inputs) {
    const type = text(inputs, "objectType");
    const [objects, columns] = [list(inputs, "objects"), list(inputs, "columns")];
    const problem = (property: string, reason: string): CheckFailure => ({ property, reason });
    return [
      ...privilegeProblems(inputs, GRANT_TYPES),
      ...(type !== "database" && text(inputs, "schema") === ""
        ? [problem("schema", `schema must be given for objectType ${type}`)]
        : []),
      ...(objects.length > 0 && ["database", "schema"].includes(type)
        ? [problem("objects", `objects cannot be given for objectType ${type}`)]
        : []),
      ...(type === "column" &&
      (objects.length !== 1 || columns.length === 0 || list(inputs, "privileges").length !== 1)
        ? [problem("columns", "objectType column needs columns, one table and one privilege")]
        : []),
      ...(type !== "column" && columns.length > 0
        ? [problem("columns", "columns can be given for objectType column alone")]
        : []),
    ];
  },

  database: (inputs) => text(inputs, "database"),

  id(inputs) {
    const type = text(inputs, "objectType");
    return [
      text(inputs, "role"),
      text(inputs, "database"),
      ...(type === "database" ? [] : [text(inputs, "schema")]),
      type,
      ...list(inputs, "objects"),
      ...list(inputs, "columns"),
    ].join("_");
  },

  create: (session, inputs) => regrant(session, inputs, inputs),
  update: (session, old, inputs) => regrant(session, old, inputs),

  async delete(session, inputs) {
    if (await granteeGone(session, inputs)) return;
    await session.transaction(async () => {
      const owners = await objectOwners(session, inputs);
      await session.asMemberOf(owners, () => revoke(session, inputs));
    });
  },
};

/** Everything is revoked before it is granted, in one transaction: otherwise a privilege less would stay. */
async function regrant(session: Session, old: WireObject, inputs: WireObject): Promise<void> {
  await session.transaction(async () => {
    const owners = await objectOwners(session, inputs);
    await session.asMemberOf(owners, async () => {
      await revoke(session, old);
      const privileges = list(inputs, "privileges");
      if (privileges.length === 0) return;
      const option = flag(inputs, "withGrantOption") ? " with grant option" : "";
      await session.run(
        `grant ${columnPrivileges(inputs, privileges.join(", "))} on ${objects(inputs)} to ${ident(text(inputs, "role"))}${option}`,
      );
    });
  });
}

async function revoke(session: Session, inputs: WireObject): Promise<void> {
  const privileges = list(inputs, "privileges");
  // Of named tables only what was given is taken: ALL would take grants on their columns with it.
  const named = list(inputs, "objects").length > 0 && privileges.length > 0;
  const what = named ? privileges.join(", ") : "all privileges";
  await session.run(
    `revoke ${columnPrivileges(inputs, what)} on ${objects(inputs)} from ${ident(text(inputs, "role"))}`,
  );
}

function columnPrivileges(inputs: WireObject, privileges: string): string {
  if (text(inputs, "objectType") !== "column") return privileges;
  return `${privileges} (${list(inputs, "columns").map(ident).join(", ")})`;
}

function objects(inputs: WireObject): string {
  const [type, schema] = [text(inputs, "objectType"), text(inputs, "schema")];
  if (type === "database") return `database ${ident(text(inputs, "database"))}`;
  if (type === "schema") return `schema ${ident(schema)}`;
  const names = list(inputs, "objects").map((name) => qualified(schema, name));
  if (names.length === 0) return `all ${type}s in schema ${ident(schema)}`;
  return `${type === "column" ? "table" : type} ${names.join(", ")}`;
}

/** Who must be acted for by a user that is no superuser: the owners of the schema and of its tables. */
async function objectOwners(session: Session, inputs: WireObject): Promise<readonly string[]> {
  const type = text(inputs, "objectType");
  if (type === "database") return [];
  const rows = await session.rows<{ owner: string }>(
    `select pg_catalog.pg_get_userbyid(case
              when pg_catalog.pg_get_userbyid(nspowner) = 'pg_database_owner'
              then (select datdba from pg_catalog.pg_database where datname = pg_catalog.current_database())
              else nspowner end) as owner
     from pg_catalog.pg_namespace where nspname = $1
     union
     select tableowner from pg_catalog.pg_tables where schemaname = $1 and $2`,
    [text(inputs, "schema"), type !== "schema"],
  );
  return rows.map(({ owner }) => owner);
}
