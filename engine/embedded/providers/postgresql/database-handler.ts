import { sameValue, type WireObject } from "../../../wire";
import type { Handler } from "./handler";
import type { Session } from "./provider-session";
import { flag, ident, integer, literal, text } from "./sql";

export const DATABASE: Handler = {
  required: ["name"],
  defaults: { allowConnections: true, connectionLimit: -1, isTemplate: false },
  sets: [],
  replaceOn: ["template", "encoding", "lcCollate", "lcCtype"],
  database: () => undefined,
  id: (inputs) => text(inputs, "name"),

  async create(session, inputs) {
    if (await exists(session, inputs)) return alter(session, undefined, inputs);
    const option = (
      key: string,
      keyword: string,
      fallback: string,
      quote: (value: string) => string,
    ): string => {
      const value = text(inputs, key) || fallback;
      if (value === "") return "";
      return `${keyword} ${value.toUpperCase() === "DEFAULT" ? "default" : quote(value)}`;
    };
    // The database itself cannot be created inside a transaction.
    await session.run(
      [
        `create database ${ident(text(inputs, "name"))}`,
        option("owner", "owner", session.role, ident),
        option("template", "template", "template0", ident),
        option("encoding", "encoding", "UTF8", literal),
        option("lcCollate", "lc_collate", "", literal),
        option("lcCtype", "lc_ctype", "", literal),
        option("tablespaceName", "tablespace", "", ident),
        `allow_connections ${String(flag(inputs, "allowConnections"))}`,
        `connection limit ${integer(inputs, "connectionLimit")}`,
        `is_template ${String(flag(inputs, "isTemplate"))}`,
      ]
        .filter((part) => part !== "")
        .join(" "),
    );
  },

  async update(session, old, inputs) {
    if (!sameValue(old["name"], inputs["name"]) && (await exists(session, old))) {
      await session.run(
        `alter database ${ident(text(old, "name"))} rename to ${ident(text(inputs, "name"))}`,
      );
    }
    await alter(session, old, inputs);
  },

  async delete(session, inputs) {
    if (!(await exists(session, inputs))) return;
    const name = ident(text(inputs, "name"));
    if (flag(inputs, "isTemplate")) await session.run(`alter database ${name} is_template false`);
    await session.run(`drop database ${name} with (force)`);
  },
};

function exists(session: Session, inputs: WireObject): Promise<boolean> {
  return session.exists("select from pg_catalog.pg_database where datname = $1", [
    text(inputs, "name"),
  ]);
}

async function alter(
  session: Session,
  old: WireObject | undefined,
  inputs: WireObject,
): Promise<void> {
  const changed = (key: string): boolean => old === undefined || !sameValue(old[key], inputs[key]);
  const database = `alter database ${ident(text(inputs, "name"))}`;
  const owner = text(inputs, "owner") || session.role;
  if (changed("owner")) {
    await session.transaction(() =>
      session.asMemberOf([owner], () => session.run(`${database} owner to ${ident(owner)}`)),
    );
  }
  if (changed("tablespaceName") && text(inputs, "tablespaceName") !== "") {
    await session.run(`${database} set tablespace ${ident(text(inputs, "tablespaceName"))}`);
  }
  if (changed("connectionLimit")) {
    await session.run(`${database} connection limit ${integer(inputs, "connectionLimit")}`);
  }
  if (changed("allowConnections")) {
    await session.run(`${database} allow_connections ${String(flag(inputs, "allowConnections"))}`);
  }
  if (changed("isTemplate")) {
    await session.run(`${database} is_template ${String(flag(inputs, "isTemplate"))}`);
  }
}
