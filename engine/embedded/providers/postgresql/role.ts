import type { WireObject } from "../../../wire";
import { sameValue } from "../../../wire";
import type { Handler } from "./handler";
import type { Session } from "./provider-session";
import { flag, ident, integer, list, literal, text } from "./sql";

/** Attributes that are on or off. */
const SWITCHES: Readonly<Record<string, string>> = {
  superuser: "superuser",
  createDatabase: "createdb",
  createRole: "createrole",
  inherit: "inherit",
  login: "login",
  replication: "replication",
  bypassRowLevelSecurity: "bypassrls",
};

/** Time-outs in milliseconds; 0 and absent mean the server's own. */
const TIMEOUTS: Readonly<Record<string, string>> = {
  statementTimeout: "statement_timeout",
  idleInTransactionSessionTimeout: "idle_in_transaction_session_timeout",
};

export const ROLE: Handler = {
  required: ["name"],
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
  sets: ["roles"],
  replaceOn: [],

  problems: (inputs) =>
    list(inputs, "searchPaths")
      .filter((part) => part.includes(", "))
      .map((part) => ({
        property: "searchPaths",
        reason: `a schema in searchPaths cannot contain ", ": ${part}`,
      })),

  database: () => undefined,
  id: (inputs) => text(inputs, "name"),

  create: (session, inputs) =>
    session.transaction(async () => {
      const name = ident(text(inputs, "name"));
      const adopts = await session.roleExists(text(inputs, "name"));
      const password = passwordClause(inputs) ?? (adopts ? "password null" : undefined);
      const options = [
        password,
        validUntil(inputs),
        `connection limit ${integer(inputs, "connectionLimit")}`,
        ...Object.keys(SWITCHES).map((key) => switchClause(inputs, key)),
      ];
      const clauses = options.filter((option) => option !== undefined).join(" ");
      await session.run(`${adopts ? "alter" : "create"} role ${name} with ${clauses}`);
      await setMemberships(session, {}, inputs);
      await setSettings(session, adopts ? undefined : {}, inputs);
    }),

  update: (session, old, inputs) =>
    session.transaction(async () => {
      const changed = (key: string): boolean => !sameValue(old[key], inputs[key]);
      const name = ident(text(inputs, "name"));
      if (changed("name") && (await session.roleExists(text(old, "name")))) {
        await session.run(`alter role ${ident(text(old, "name"))} rename to ${name}`);
      }
      const clauses = [
        // A rename voids an MD5 password.
        changed("password") || changed("passwordWoVersion") || changed("name")
          ? passwordClause(inputs)
          : undefined,
        changed("validUntil") ? validUntil(inputs) : undefined,
        changed("connectionLimit")
          ? `connection limit ${integer(inputs, "connectionLimit")}`
          : undefined,
        ...Object.keys(SWITCHES)
          .filter(changed)
          .map((key) => switchClause(inputs, key)),
      ].filter((clause) => clause !== undefined);
      if (clauses.length > 0) await session.run(`alter role ${name} with ${clauses.join(" ")}`);
      await setMemberships(session, old, inputs);
      await setSettings(session, old, inputs);
    }),

  delete: (session, inputs) =>
    session.transaction(async () => {
      const role = text(inputs, "name");
      if (!(await session.roleExists(role))) return;
      if (!flag(inputs, "skipReassignOwned")) {
        await session.asMemberOf([role], async () => {
          await session.run(`reassign owned by ${ident(role)} to ${ident(session.role)}`);
          await session.run(`drop owned by ${ident(role)}`);
        });
      }
      if (!flag(inputs, "skipDropRole")) await session.run(`drop role ${ident(role)}`);
    }),
};

function passwordClause(inputs: WireObject): string | undefined {
  const password = text(inputs, "password") || text(inputs, "passwordWo");
  if (password === "") return undefined;
  return password.toUpperCase() === "NULL"
    ? "password null"
    : `encrypted password ${literal(password)}`;
}

function validUntil(inputs: WireObject): string {
  const until = text(inputs, "validUntil");
  return `valid until ${literal(until === "" ? "infinity" : until)}`;
}

function switchClause(inputs: WireObject, key: string): string {
  return `${flag(inputs, key) ? "" : "no"}${SWITCHES[key] ?? ""}`;
}

/**
 * Grants the roles that are listed and revokes those that no longer are. The bridged provider revokes every
 * membership first, and with it those that `GrantRole` resources gave; this leaves them alone.
 */
async function setMemberships(
  session: Session,
  old: WireObject,
  inputs: WireObject,
): Promise<void> {
  const member = ident(text(inputs, "name"));
  const wanted = list(inputs, "roles");
  // From PostgreSQL 16 on a membership inherits or not as the role did when it was given; so it is given anew.
  const given = "inherit" in old && flag(old, "inherit") !== flag(inputs, "inherit");
  for (const role of list(old, "roles").filter((role) => given || !wanted.includes(role))) {
    if (await session.roleExists(role)) await session.run(`revoke ${ident(role)} from ${member}`);
  }
  for (const role of wanted) await session.run(`grant ${ident(role)} to ${member}`);
}

/** @param old undefined where the role was found: nothing is known of its settings */
async function setSettings(
  session: Session,
  old: WireObject | undefined,
  inputs: WireObject,
): Promise<void> {
  const role = `alter role ${ident(text(inputs, "name"))}`;
  const path = list(inputs, "searchPaths").map(ident).join(", ");
  await session.run(`${role} set search_path to ${path === "" ? "default" : path}`);
  for (const [key, setting] of Object.entries(TIMEOUTS)) {
    if (old !== undefined && sameValue(old[key], inputs[key])) continue;
    const timeout = integer(inputs, key);
    await session.run(
      timeout === 0 ? `${role} reset ${setting}` : `${role} set ${setting} to ${timeout}`,
    );
  }
  if (old !== undefined && sameValue(old["assumeRole"], inputs["assumeRole"])) return;
  const assumed = text(inputs, "assumeRole");
  await session.run(
    assumed === "" ? `${role} reset role` : `${role} set role to ${ident(assumed)}`,
  );
}
