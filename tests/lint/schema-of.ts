import { readDatabase } from "../../lint/lint-database";
import { buildSchema } from "../../lint/model/build";
import type { Schema } from "../../lint/model/schema";

/** The lint's model of the schema that the files create. */
export async function schemaOf(...texts: readonly string[]): Promise<Schema> {
  const files = texts.map((text, index) => [`00000${index + 1}_x.sql`, text] as const);
  const reading = await readDatabase("sark_audit", "sql/x", Object.fromEntries(files));
  if ("findings" in reading) throw new Error(JSON.stringify(reading.findings));
  return buildSchema(reading.database);
}
