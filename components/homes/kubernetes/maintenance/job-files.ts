import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as fs from "node:fs";
import * as path from "node:path";
import type { MaintenanceJob } from "../../../maintenance/plan/maintenance-plan";
import { projectRoot } from "../../../files/project-root";
import { contentHash } from "../../../text/fingerprint";
import { labels } from "../labels";

const SCRIPTS = path.join("components", "homes", "kubernetes", "scripts");
const SQL = path.join("sql", "maintenance");

/** Programs of the jobs' containers, below `components/homes/kubernetes/scripts`. */
export const SCRIPT = {
  login: "maintenance-login.sh",
  statements: "maintenance-statements.sh",
  dump: "maintenance-dump.sh",
  upload: "maintenance-upload.sh",
} as const;

/** Every script, and the SQL of these jobs, by file name. */
export function jobFiles(jobs: readonly MaintenanceJob[]): Readonly<Record<string, string>> {
  const sql = jobs.flatMap(({ work }) => (work.kind === "dump" ? [] : [work.file]));
  const places = [
    ...Object.values(SCRIPT).map((name) => [name, SCRIPTS] as const),
    ...[...new Set(sql)].map((name) => [name, SQL] as const),
  ];
  return Object.fromEntries(
    places.map(([name, folder]) => [
      name,
      fs.readFileSync(path.join(projectRoot(), folder, name), "utf8"),
    ]),
  );
}

/** The files as a ConfigMap that never changes: with other content it has another name, and the jobs another volume. */
export function jobFilesMap(
  files: Readonly<Record<string, string>>,
  namespace: string,
  opts: pulumi.CustomResourceOptions,
): string {
  const name = `maintenance-${contentHash(files)}`;
  new kubernetes.core.v1.ConfigMap(
    "maintenance-files",
    {
      metadata: { name, namespace, labels: labels("maintenance", "maintenance") },
      immutable: true,
      data: { ...files },
    },
    opts,
  );
  return name;
}
