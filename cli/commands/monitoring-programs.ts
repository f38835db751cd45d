import * as fs from "node:fs";
import * as path from "node:path";
import {
  findMonitoringPrograms,
  MISSING,
  TOOLS,
} from "../../components/homes/local/monitoring/find-programs";
import { UserError } from "../../engine/engine";
import { LOG, type Machine } from "./prerequisites";

/** Packages with Prometheus, its rule checker, and the exporter of the pool. */
const PACKAGES = ["prometheus", "promtool", "prometheus-pgbouncer-exporter"];

/** The Debian release whose packages are used on every Debian: that of an older one exports other metrics. */
const RELEASE = "trixie";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * Unpacks the programs of the local home's monitoring below the project, where no question is asked: on Debian, as any
 * user. Elsewhere prints what is missing. Nothing is installed in the system, and no service is started.
 * @throws {UserError} in CI, where a missing program would mean a test that did not run
 */
export function ensureMonitoringPrograms(
  root: string,
  machine: Machine,
  say: (text: string) => void,
): void {
  if (findMonitoringPrograms()) return;
  const folder = path.join(root, TOOLS);
  const failed = path.join(folder, "failed");
  let hint = "";
  if (machine.hasApt && fs.existsSync(KEYRING)) {
    const last = fs.statSync(failed, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - last > RETRY_AFTER) {
      say(`Downloading Debian's packages ${PACKAGES.join(", ")} (log: ${LOG}) ...`);
      if (unpacked(folder, machine) && findMonitoringPrograms()) return;
      noteFailure(failed);
    } else
      hint = ` The last download failed less than an hour ago; to repeat it now, delete ${failed}.`;
  }
  const text = `${MISSING}. Install both, and run \`npm run up\` again.${hint}`;
  if ((machine.env["CI"] ?? "") !== "") throw new UserError(`${text} In CI this is a failure.`);
  say(text);
}

/** Milliseconds. Without a network, each attempt takes 20 seconds. */
const RETRY_AFTER = 3_600_000;

function noteFailure(file: string): void {
  try {
    fs.writeFileSync(file, "");
  } catch {
    // The next command tries again.
  }
}

/** Like {@link unpack}; false also if the folder cannot be written. */
function unpacked(folder: string, machine: Machine): boolean {
  try {
    return unpack(folder, machine);
  } catch {
    return false;
  }
}

/** Downloads with apt, which verifies the packages, but with folders of its own, so that it needs no root. */
function unpack(folder: string, { run }: Machine): boolean {
  const apt = path.join(folder, "apt");
  for (const part of ["lists/partial", "cache/archives/partial"]) {
    fs.mkdirSync(path.join(apt, part), { recursive: true });
  }
  const sources = path.join(apt, "sources.list");
  fs.writeFileSync(
    sources,
    `deb [signed-by=${KEYRING}] https://deb.debian.org/debian ${RELEASE} main\n`,
  );
  const options = Object.entries({
    "Dir::Etc::sourcelist": sources,
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::State": apt,
    "Dir::State::lists": path.join(apt, "lists"),
    "Dir::Cache": path.join(apt, "cache"),
    // As root, apt would change to a user that cannot write here.
    "APT::Sandbox::User": "root",
    "Acquire::Languages": "none",
    "Acquire::https::Timeout": "20",
  }).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const inside = (command: string, ...args: readonly string[]): boolean =>
    run("/bin/sh", ["-c", 'cd "$1" && shift && exec "$@"', "sh", apt, command, ...args]);
  const done =
    inside("apt-get", ...options, "-q", "update") &&
    inside("apt-get", ...options, "-q", "download", ...PACKAGES) &&
    fs
      .readdirSync(apt)
      .filter((name) => name.endsWith(".deb"))
      .every((name) => inside("dpkg-deb", "-x", name, folder));
  fs.rmSync(apt, { recursive: true, force: true });
  return done;
}
