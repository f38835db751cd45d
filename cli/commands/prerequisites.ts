import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../../engine/engine";

/** What a machine is like, so that tests can say. */
export interface Machine {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly isRoot: boolean;
  /** Debian, or a system made from it. */
  readonly hasApt: boolean;
  /** Folders besides the PATH where a system keeps such programs. */
  readonly places: readonly string[];
  /** Keeps packages from starting services while `work` runs. */
  readonly keepServicesDown: (work: () => boolean) => boolean;
  /** Runs a program with its output in a log; true when it succeeded. */
  readonly run: (command: string, args: readonly string[]) => boolean;
}

const LOG = path.join(".sark", "logs", "apt.log");
const POLICY = "/usr/sbin/policy-rc.d";

export function thisMachine(root: string, env: Readonly<NodeJS.ProcessEnv>): Machine {
  return {
    env,
    isRoot: process.getuid?.() === 0,
    hasApt: fs.existsSync("/etc/debian_version") && fs.existsSync("/usr/bin/apt-get"),
    // Debian keeps it where only root's PATH leads.
    places: ["/usr/sbin", "/usr/local/sbin"],
    keepServicesDown,
    run: (command, args) => runLogged(root, env, command, args),
  };
}

/** A program that a package of the same name brings. */
interface Program {
  readonly name: string;
  readonly title: string;
  /** What comes of its absence, to follow "X is not on this machine, so". */
  readonly without: string;
}

const PGBOUNCER: Program = {
  name: "pgbouncer",
  title: "PgBouncer",
  without: "there is no pool",
};

const HAPROXY: Program = {
  name: "haproxy",
  title: "HAProxy",
  without: "the way through a cluster to RDS is not tested",
};

/** Brings the pool of a local stack; without it the stack works as well. See {@link ensure}. */
export function ensurePgBouncer(machine: Machine, say: (text: string) => void): void {
  ensure(PGBOUNCER, machine, say);
}

/** Brings all that the tests run; see {@link ensure}. */
export function ensureTestPrograms(machine: Machine, say: (text: string) => void): void {
  for (const program of [PGBOUNCER, HAPROXY]) ensure(program, machine, say);
}

/**
 * Installs a program where that is possible without asking anybody: as root on Debian or Ubuntu. Elsewhere one line
 * says how to get it.
 * @throws {UserError} in CI, where a part that is missing would be a test that did not run
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
  const text = `${title} is not on this machine, so ${without}. To get it: ${how}.`;
  if (inCi) throw new UserError(`${text} In CI that is a failure.`);
  say(text);
}

function isOnMachine(program: string, { env, places }: Machine): boolean {
  const folders = [...(env["PATH"] ?? "").split(path.delimiter), ...places];
  return folders.some((folder) => folder !== "" && fs.existsSync(path.join(folder, program)));
}

function installQuietly(name: string, { run, keepServicesDown: undisturbed }: Machine): boolean {
  const flags = ["-o", "DPkg::Lock::Timeout=120", "-q", "-y"];
  return (
    undisturbed(
      () =>
        run("apt-get", [...flags, "update"]) &&
        run("apt-get", [...flags, "install", "--no-install-recommends", name]),
    ) &&
    // Nor is it to start with the machine.
    (!fs.existsSync("/run/systemd/system") || run("systemctl", ["disable", name]))
  );
}

/** Debian starts a service with the package, on its usual port, unless a policy says no. */
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
