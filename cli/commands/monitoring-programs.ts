import * as path from "node:path";
import {
  findMonitoringPrograms,
  MISSING,
  TOOLS,
} from "../../components/homes/local/monitoring/find-programs";
import { UserError } from "../../engine/engine";
import { canUnpack, retryHint, unpackPackages } from "./apt-unpack";
import { LOG, type Machine } from "./prerequisites";

/**
 * Debian's packages with Prometheus, its rule checker, and the exporter of the pool. Those of an older release export
 * other metrics.
 */
const PACKAGES = {
  release: "trixie",
  names: ["prometheus", "promtool", "prometheus-pgbouncer-exporter"],
};

/**
 * Unpacks the programs of the local home's monitoring below the project, where no question is asked: on Debian, as any
 * user. Elsewhere prints what is missing.
 * @throws {UserError} in CI, where a missing program would mean a test that did not run
 */
export function ensureMonitoringPrograms(
  root: string,
  machine: Machine,
  say: (text: string) => void,
): void {
  if (findMonitoringPrograms()) return;
  const folder = path.join(root, TOOLS);
  if (canUnpack(folder, machine)) {
    say(`Downloading Debian's packages ${PACKAGES.names.join(", ")} (log: ${LOG}) ...`);
    if (unpackPackages(folder, PACKAGES, machine) && findMonitoringPrograms()) return;
  }
  const text = `${MISSING}. Install both, and run \`npm run up\` again.${retryHint(folder)}`;
  if ((machine.env["CI"] ?? "") !== "") throw new UserError(`${text} In CI this is a failure.`);
  say(text);
}
