/** TimescaleDB with the migrations of `sark_audit`, in the process of the test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyAll, migrationFiles } from "../../scratch/migrated";
import { rolesSql } from "../../scratch/roles-sql";
import { copyTemplate } from "../../scratch/templates";
import { NOW } from "./clock";
import { openTimescale, type TestTimescale } from "./timescale-thread";

/** TimescaleDB with the schema of `sark_audit`; the session is that of the superuser, so tests use `set role`. */
export async function migratedAudit(now = NOW): Promise<TestTimescale> {
  // Its only database is template1, whose catalog row cannot be changed here.
  const roles = rolesSql("sark_audit", { extensions: ["timescaledb"], onDatabase: false });
  const inputs = [roles, ...migrationFiles("sark_audit").map(({ sql }) => sql), now.toISOString()];
  const folder = mkdtempSync(join(tmpdir(), "sark-audit-"));
  try {
    await copyTemplate(folder, "audit", inputs, async (draft) => {
      const database = openTimescale(now);
      await database.query(roles);
      await applyAll(database, "sark_audit");
      await database.save(join(draft, "data.tar"));
      await database.close();
    });
    const database = openTimescale(now, join(folder, "data.tar"));
    await database.query("load 'timescaledb'");
    return database;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
