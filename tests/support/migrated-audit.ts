/** TimescaleDB with the migrations of `sark_audit`, inside of the test's process. */
import { applyAll } from "../../scratch/migrated";
import { rolesSql } from "../../scratch/roles-sql";
import { openTimescale, type TestTimescale } from "./timescale-thread";

/** TimescaleDB with the schema of `sark_audit`; the session is the superuser's, so tests `set role`. */
export async function migratedAudit(now?: Date): Promise<TestTimescale> {
  const database = openTimescale(now);
  // Its one database is template1, whose own catalog row takes no change here.
  await database.query(rolesSql("sark_audit", { extensions: ["timescaledb"], onDatabase: false }));
  await applyAll(database, "sark_audit");
  return database;
}
