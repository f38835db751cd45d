import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { projectRoot } from "../../../files/project-root";

/** Programs that the local home's monitoring runs, by absolute path. */
export interface MonitoringPrograms {
  readonly prometheus: string;
  /** prometheus-community/pgbouncer_exporter. */
  readonly poolExporter: string;
}

/** Folder below the project into which `npm run up` unpacks them. */
export const TOOLS = join(".sark", "tools", "monitoring");

/** Why nothing is monitored without the programs. */
export const MISSING =
  "Prometheus or prometheus-community's pgbouncer_exporter is not installed, so nothing is monitored";

/** Names of a program, and text of its `--version`: another exporter of the same name has other metrics. */
const PROGRAMS = {
  prometheus: { names: ["prometheus"], version: /^prometheus, version [23]\./ },
  poolExporter: {
    names: ["pgbouncer_exporter", "prometheus-pgbouncer-exporter"],
    version: /^pgbouncer_exporter, version 0\.(?:1\d|[6-9])\./,
  },
} as const;

/** The programs; undefined if one of them is missing. */
export function findMonitoringPrograms(): MonitoringPrograms | undefined {
  const [prometheus, poolExporter] = [find("prometheus"), find("poolExporter")];
  return prometheus === undefined || poolExporter === undefined
    ? undefined
    : { prometheus, poolExporter };
}

function find(program: keyof typeof PROGRAMS): string | undefined {
  const { names, version } = PROGRAMS[program];
  const folders = [
    join(projectRoot(), TOOLS, "usr", "bin"),
    ...(process.env["PATH"] ?? "").split(delimiter),
    "/usr/local/bin",
    "/opt/homebrew/bin",
  ];
  return folders
    .filter((folder) => folder !== "")
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => {
      const { stdout, stderr, status } = spawnSync(path, ["--version"], {
        encoding: "utf8",
        timeout: 5000,
      });
      return status === 0 && version.test(stdout || stderr);
    });
}
