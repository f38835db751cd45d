import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { TOOLS } from "../../components/homes/local/monitoring/find-programs";
import { projectRoot } from "../../components/files/project-root";

/** Prometheus' checker of rules, which `npm test` unpacks beside Prometheus. @throws without it */
export function promtool(): string {
  const folders = [
    join(projectRoot(), TOOLS, "usr", "bin"),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  const found = folders.map((folder) => join(folder, "promtool")).find(existsSync);
  if (found === undefined)
    throw new Error("promtool is not installed; npm test downloads it on Debian");
  return found;
}
