import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../../engine/engine";

/** Facts about this machine, which tests can replace. */
export interface Machine {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly isRoot: boolean;
  /** Whether this is Debian or a derivative. */
  readonly hasApt: boolean;
  /** Folders outside the PATH where a system may install the programs. */
  readonly programFolders: readonly string[];
  /** Keeps packages from starting services while `work` runs. */
  readonly keepServicesDown: (work: () => boolean) => boolean;
  /** Runs a program with its output in a log; true when it succeeded. */
  readonly run: (command: string, args: readonly string[]) => boolean;
}

export const LOG = path.join(".sark", "logs", "apt.log");
const POLICY = "/usr/sbin/policy-rc.d";

export function thisMachine(root: string, env: Readonly<NodeJS.ProcessEnv>): Machine {
  return {
    env,
    isRoot: process.getuid?.() === 0,
    hasApt: fs.existsSync("/etc/debian_version") && fs.existsSync("/usr/bin/apt-get"),
    // Debian installs it to a folder that only root's PATH contains.
    programFolders: ["/usr/sbin", "/usr/local/sbin"],
    keepServicesDown,
    run: (command, args) => runLogged(root, env, command, args),
  };
}

/** A program that a package of the same name installs. */
interface Program {
  readonly name: string;
  readonly title: string;
  /** The effect of its absence, as the end of "X is not installed, so". */
  readonly without: string;
}

const PGBOUNCER: Program = {
  name: "pgbouncer",
  title: "PgBouncer",
  without: "the stack has no pool",
};

const HAPROXY: Program = {
  name: "haproxy",
  title: "HAProxy",
  without: "the route through a cluster to RDS is not tested",
};

/** Installs PgBouncer for a local stack's pool; the stack works without it, too. See {@link ensure}. */
export function ensurePgBouncer(machine: Machine, say: (text: string) => void): void {
  ensure(PGBOUNCER, machine, say);
}

/** Installs all programs that the tests run; see {@link ensure}. */
export function ensureTestPrograms(machine: Machine, say: (text: string) => void): void {
  for (const program of [PGBOUNCER, HAPROXY]) ensure(program, machine, say);
}

/**
 * Installs a program as root on Debian or Ubuntu, where no question is asked. Elsewhere prints how to install it.
 * @throws {UserError} in CI, where a missing program would mean a test that did not run
 */
function ensure(
  { name, title, without }: Program,
  machine: Machine,
  say: (text: string) => void,
): void {
  const { env, isRoot, hasApt } = machine;
  if (isOnMachine(name, machine)) return;
  const inCi = (env["CI"] ?? "") !== "";
  if (isRoot && hasApt) {
    say(`Installing Debian's package ${name} (log: ${LOG}) ...`);
    if (installQuietly(name, machine) && isOnMachine(name, machine)) return;
  }
  const how = hasApt ? `apt-get install ${name}` : `brew install ${name}, or your system's package`;
  const text = `${title} is not installed, so ${without}. To install it: ${how}.`;
  if (inCi) throw new UserError(`${text} In CI this is a failure.`);
  say(text);
}

function isOnMachine(program: string, { env, programFolders }: Machine): boolean {
  const folders = [...(env["PATH"] ?? "").split(path.delimiter), ...programFolders];
  return folders.some((folder) => folder !== "" && fs.existsSync(path.join(folder, program)));
}

function installQuietly(
  name: string,
  { run, keepServicesDown: withoutServices }: Machine,
): boolean {
  const flags = ["-o", "DPkg::Lock::Timeout=120", "-q", "-y"];
  return (
    withoutServices(
      () =>
        run("apt-get", [...flags, "update"]) &&
        run("apt-get", [...flags, "install", "--no-install-recommends", name]),
    ) &&
    // The service must not start at boot either.
    (!fs.existsSync("/run/systemd/system") || run("systemctl", ["disable", name]))
  );
}

/** Debian starts a service on its usual port when it installs the package, unless a policy forbids it. */
function keepServicesDown(work: () => boolean): boolean {
  if (fs.existsSync(POLICY)) return work();
  try {
    fs.writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755, flag: "wx" });
    return work();
  } finally {
    fs.rmSync(POLICY, { force: true });
  }
}

function runLogged(
  root: string,
  env: Readonly<NodeJS.ProcessEnv>,
  command: string,
  args: readonly string[],
): boolean {
  fs.mkdirSync(path.join(root, path.dirname(LOG)), { recursive: true });
  const log = fs.openSync(path.join(root, LOG), "a");
  try {
    const { status } = spawnSync(command, [...args], {
      env: { ...env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", log, log],
      timeout: 300_000,
    });
    return status === 0;
  } finally {
    fs.closeSync(log);
  }
}
