import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../files/project-root";

/** The text of a file in `sql/backups`. */
export function readBackupSql(name: string): string {
  return readFileSync(join(projectRoot(), "sql/backups", `${name}.sql`), "utf8");
}
