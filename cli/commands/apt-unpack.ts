import * as fs from "node:fs";
import * as path from "node:path";
import type { Machine } from "./prerequisites";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Debian packages, and the release that they are taken from on every Debian. */
export interface UnpackedPackages {
  readonly release: string;
  readonly names: readonly string[];
}

/** Milliseconds. Without a network, each attempt takes 20 seconds. */
const RETRY_AFTER = 3_600_000;

/** Whether apt can unpack packages of any release here, and has not failed to do so a short time ago. */
export function canUnpack(folder: string, { hasApt }: Machine): boolean {
  return hasApt && fs.existsSync(KEYRING) && !failedLately(folder);
}

/** How to repeat a download that failed; empty if none did lately. */
export function retryHint(folder: string): string {
  return failedLately(folder)
    ? ` The last download failed less than an hour ago; to repeat it now, delete ${failureMark(folder)}.`
    : "";
}

function failureMark(folder: string): string {
  return path.join(folder, "failed");
}

function failedLately(folder: string): boolean {
  const last = fs.statSync(failureMark(folder), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - last <= RETRY_AFTER;
}

/**
 * Unpacks packages into a folder, as any user: nothing is installed in the system, and no service is started.
 * @returns false if that failed, or the folder cannot be written
 */
export function unpackPackages(
  folder: string,
  packages: UnpackedPackages,
  machine: Machine,
): boolean {
  try {
    if (unpack(folder, packages, machine)) return true;
    fs.writeFileSync(failureMark(folder), "");
    return false;
  } catch {
    return false;
  }
}

/** Downloads with apt, which verifies the packages, but with folders of its own, so that it needs no root. */
function unpack(folder: string, { release, names }: UnpackedPackages, { run }: Machine): boolean {
  const apt = path.join(folder, "apt");
  for (const part of ["lists/partial", "cache/archives/partial"]) {
    fs.mkdirSync(path.join(apt, part), { recursive: true });
  }
  const sources = path.join(apt, "sources.list");
  fs.writeFileSync(
    sources,
    `deb [signed-by=${KEYRING}] https://deb.debian.org/debian ${release} main\n`,
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
    inside("apt-get", ...options, "-q", "download", ...names) &&
    fs
      .readdirSync(apt)
      .filter((name) => name.endsWith(".deb"))
      .every((name) => inside("dpkg-deb", "-x", name, folder));
  fs.rmSync(apt, { recursive: true, force: true });
  return done;
}
