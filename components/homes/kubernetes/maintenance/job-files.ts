import type { MaintenanceJob } from "../../../maintenance/plan/maintenance-plan";
import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../../../files/project-root";
import { scriptText } from "../fixed-files";

/** Programs of the jobs' containers, below `components/homes/kubernetes/scripts`. */
export const SCRIPT = {
  login: "maintenance-login.sh",
  statements: "maintenance-statements.sh",
  dump: "maintenance-dump.sh",
  upload: "maintenance-upload.sh",
} as const;

/** Every script, and the SQL of these jobs, by file name. */
export function jobFiles(jobs: readonly MaintenanceJob[]): Record<string, string> {
  const sql = new Set(jobs.flatMap(({ work }) => (work.kind === "dump" ? [] : [work.file])));
  const sqlText = (name: string) =>
    fs.readFileSync(path.join(projectRoot(), "sql", "maintenance", name), "utf8");
  return Object.fromEntries<string>([
    ...Object.values(SCRIPT).map((name) => [name, scriptText(name)] as const),
    ...[...sql].map((name) => [name, sqlText(name)] as const),
  ]);
}
