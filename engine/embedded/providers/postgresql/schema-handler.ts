import { sameValue } from "../../../wire";
import type { Handler } from "./handler";
import type { Session } from "./provider-session";
import { flag, ident, text } from "./sql";

export const SCHEMA: Handler = {
  required: ["name"],
  defaults: { ifNotExists: true, dropCascade: false },
  sets: [],
  replaceOn: ["database"],
  // Deprecated upstream, and `Grant` does the same.
  problems: (inputs) =>
    inputs["policies"] === undefined
      ? []
      : [{ property: "policies", reason: "policies are not supported; use Grant resources" }],
  database: (inputs) => text(inputs, "database") || undefined,
  id: (inputs, database) => `${database}.${text(inputs, "name")}`,

  create: (session, inputs) =>
    session.transaction(async () => {
      const [name, owner] = [text(inputs, "name"), text(inputs, "owner")];
      const owners = [await databaseOwner(session), ...(owner === "" ? [] : [owner])];
      await session.asMemberOf(owners, async () => {
        if (!(await exists(session, name))) {
          const authorization = owner === "" ? "" : ` authorization ${ident(owner)}`;
          await session.run(`create schema ${ident(name)}${authorization}`);
        } else if (owner !== "") {
          await session.run(`alter schema ${ident(name)} owner to ${ident(owner)}`);
        }
      });
    }),

  update: (session, old, inputs) =>
    session.transaction(async () => {
      const [name, owner] = [text(inputs, "name"), text(inputs, "owner")];
      if (!sameValue(old["name"], inputs["name"]) && (await exists(session, text(old, "name")))) {
        await session.run(`alter schema ${ident(text(old, "name"))} rename to ${ident(name)}`);
      }
      if (owner !== "" && !sameValue(old["owner"], inputs["owner"])) {
        await session.run(`alter schema ${ident(name)} owner to ${ident(owner)}`);
      }
    }),

  delete: (session, inputs) =>
    session.transaction(async () => {
      const name = text(inputs, "name");
      const [row] = await session.rows<{ owner: string }>(
        "select pg_catalog.pg_get_userbyid(nspowner) as owner from pg_catalog.pg_namespace where nspname = $1",
        [name],
      );
      if (row === undefined) return;
      const mode = flag(inputs, "dropCascade") ? "cascade" : "restrict";
      await session.asMemberOf([row.owner], () =>
        session.run(`drop schema ${ident(name)} ${mode}`),
      );
    }),

  async read(session, inputs) {
    const [row] = await session.rows<{ owner: string }>(
      "select pg_catalog.pg_get_userbyid(nspowner) as owner from pg_catalog.pg_namespace where nspname = $1",
      [text(inputs, "name")],
    );
    return { ...row, database: session.database };
  },
};

function exists(session: Session, name: string): Promise<boolean> {
  return session.exists("select from pg_catalog.pg_namespace where nspname = $1", [name]);
}

async function databaseOwner(session: Session): Promise<string> {
  const [row] = await session.rows<{ owner: string }>(
    `select pg_catalog.pg_get_userbyid(datdba) as owner
     from pg_catalog.pg_database where datname = pg_catalog.current_database()`,
  );
  return row?.owner ?? session.role;
}
