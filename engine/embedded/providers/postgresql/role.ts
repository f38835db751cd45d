import { escapeIdentifier, escapeLiteral } from "pg";
import { sameValue, type WireObject } from "../../../wire";
import { flag, list, text, type PostgresqlHandler } from "./handler";
import type { DatabaseSession } from "./provider-session";

/** Attributes that no role of the program has, and settings that are not made here: an adopted role loses both. */
const NO_ATTRIBUTES = "nosuperuser nocreatedb nocreaterole noreplication nobypassrls";
const NO_SETTINGS = [
  "search_path",
  "statement_timeout",
  "idle_in_transaction_session_timeout",
  "role",
];

export const ROLE: PostgresqlHandler = {
  reads: ["name", "password", "login", "inherit", "connectionLimit", "roles"],
  defaults: {
    bypassRowLevelSecurity: false,
    connectionLimit: -1,
    createDatabase: false,
    createRole: false,
    encryptedPassword: true,
    inherit: true,
    login: false,
    replication: false,
    skipDropRole: false,
    skipReassignOwned: false,
    superuser: false,
    validUntil: "infinity",
  },
  set: "roles",
  replaceOn: ["name"],
  database: () => undefined,
  id: (inputs) => text(inputs, "name"),

  create: (session, inputs) =>
    session.transaction(async () => {
      const adopts = await session.roleExists(text(inputs, "name"));
      await session.run(
        `${adopts ? "alter" : "create"} role ${name(inputs)} with ${password(inputs)} valid until 'infinity' ` +
          `${attributes(inputs)} ${NO_ATTRIBUTES}`,
      );
      await setMemberships(session, {}, inputs);
      if (!adopts) return;
      for (const setting of NO_SETTINGS) {
        await session.run(`alter role ${name(inputs)} reset ${setting}`);
      }
    }),

  update: (session, old, inputs) =>
    session.transaction(async () => {
      const changed = !sameValue(old["password"], inputs["password"]);
      const clauses = `${changed ? password(inputs) : ""} ${attributes(inputs)}`;
      await session.run(`alter role ${name(inputs)} with ${clauses}`);
      await setMemberships(session, old, inputs);
    }),

  delete: (session, inputs) =>
    session.transaction(async () => {
      const role = text(inputs, "name");
      if (!(await session.roleExists(role))) return;
      await session.asMemberOf([role], async () => {
        const heir = escapeIdentifier(session.role);
        await session.run(`reassign owned by ${name(inputs)} to ${heir}`);
        await session.run(`drop owned by ${name(inputs)}`);
      });
      await session.run(`drop role ${name(inputs)}`);
    }),
};

function name(inputs: WireObject): string {
  return escapeIdentifier(text(inputs, "name"));
}

function password(inputs: WireObject): string {
  const given = text(inputs, "password");
  return given === "" ? "password null" : `encrypted password ${escapeLiteral(given)}`;
}

function attributes(inputs: WireObject): string {
  const switches = ["inherit", "login"].map((key) => (flag(inputs, key) ? key : `no${key}`));
  return `connection limit ${Number(inputs["connectionLimit"])} ${switches.join(" ")}`;
}

/**
 * Grants the listed roles and revokes those that are no longer listed. The bridged provider first revokes every
 * membership; this keeps memberships that somebody else granted.
 */
async function setMemberships(
  session: DatabaseSession,
  old: WireObject,
  inputs: WireObject,
): Promise<void> {
  const wanted = list(inputs, "roles");
  // From PostgreSQL 16 on, a membership keeps the role's INHERIT from the time of the grant, so it is granted again.
  const again = "inherit" in old && flag(old, "inherit") !== flag(inputs, "inherit");
  for (const role of list(old, "roles").filter((role) => again || !wanted.includes(role))) {
    if (!(await session.roleExists(role))) continue;
    await session.run(`revoke ${escapeIdentifier(role)} from ${name(inputs)}`);
  }
  for (const role of wanted) {
    await session.run(`grant ${escapeIdentifier(role)} to ${name(inputs)}`);
  }
}
