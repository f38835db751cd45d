import { escapeIdentifier } from "pg";
import { sameValue } from "../../../wire";
import { text, type PostgresqlHandler } from "./handler";

export const EXTENSION: PostgresqlHandler = {
  reads: ["name", "database", "schema"],
  defaults: { dropCascade: false, createCascade: false },
  replaceOn: ["name", "database"],
  database: (inputs) => text(inputs, "database"),
  id: (inputs, database) => `${database}.${text(inputs, "name")}`,

  async create(session, inputs) {
    const [name, schema] = ["name", "schema"].map((key) => escapeIdentifier(text(inputs, key)));
    await session.run(`create extension if not exists ${name} schema ${schema}`);
  },

  async update(session, old, inputs) {
    if (sameValue(old["schema"], inputs["schema"])) return;
    const [name, schema] = ["name", "schema"].map((key) => escapeIdentifier(text(inputs, key)));
    await session.run(`alter extension ${name} set schema ${schema}`);
  },

  delete: (session, inputs) =>
    session.run(`drop extension if exists ${escapeIdentifier(text(inputs, "name"))} restrict`),

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
