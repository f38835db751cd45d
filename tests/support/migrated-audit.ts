/** TimescaleDB with the migrations of `sark_audit`, in the process of the test. */
import { applyAll } from "../../scratch/migrated";
import { rolesSql } from "../../scratch/roles-sql";
import { openTimescale, type TestTimescale } from "./timescale-thread";

/** TimescaleDB with the schema of `sark_audit`. The session is that of the superuser, so tests use `set role`. */
export async function migratedAudit(now?: Date): Promise<TestTimescale> {
  const database = openTimescale(now);
  // Its only database is template1, whose catalog row cannot be changed here.
  await database.query(rolesSql("sark_audit", { extensions: ["timescaledb"], onDatabase: false }));
  await applyAll(database, "sark_audit");
  return database;
}
