import { sameValue } from "../../../wire";
import type { Handler } from "./handler";
import { flag, ident, text } from "./sql";

export const EXTENSION: Handler = {
  required: ["name"],
  defaults: { dropCascade: false, createCascade: false },
  sets: [],
  replaceOn: ["name", "database"],
  database: (inputs) => text(inputs, "database") || undefined,
  id: (inputs, database) => `${database}.${text(inputs, "name")}`,

  async create(session, inputs) {
    const [schema, version] = [text(inputs, "schema"), text(inputs, "version")];
    await session.run(
      [
        `create extension if not exists ${ident(text(inputs, "name"))}`,
        schema === "" ? "" : `schema ${ident(schema)}`,
        version === "" ? "" : `version ${ident(version)}`,
        flag(inputs, "createCascade") ? "cascade" : "",
      ]
        .filter((part) => part !== "")
        .join(" "),
    );
  },

  update: (session, old, inputs) =>
    session.transaction(async () => {
      const extension = `alter extension ${ident(text(inputs, "name"))}`;
      const [schema, version] = [text(inputs, "schema"), text(inputs, "version")];
      if (schema !== "" && !sameValue(old["schema"], inputs["schema"])) {
        await session.run(`${extension} set schema ${ident(schema)}`);
      }
      if (!sameValue(old["version"], inputs["version"])) {
        await session.run(`${extension} update${version === "" ? "" : ` to ${ident(version)}`}`);
      }
    }),

  async delete(session, inputs) {
    const mode = flag(inputs, "dropCascade") ? "cascade" : "restrict";
    await session.run(`drop extension if exists ${ident(text(inputs, "name"))} ${mode}`);
  },

  async read(session, inputs) {
    const [row] = await session.rows<{ schema: string; version: string }>(
      `select n.nspname as schema, e.extversion as version
       from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
       where e.extname = $1`,
      [text(inputs, "name")],
    );
    return { ...row, database: session.database };
  },
};
