/** A real HAProxy from the PATH, with the gateway's configuration on other ports, in its own folder. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../../../../components/homes/local/processes/ports";
import { waitUntil } from "../../../../../components/homes/local/processes/process";
import { projectRoot } from "../../../../../components/files/project-root";
import { temporaryFolder } from "../../../../../scratch/scratch-postgres";

export const CONFIG = join(projectRoot(), "components/homes/kubernetes/scripts/gateway.cfg");

// Debian installs it in a directory that is only on root's PATH.
const HAPROXY = ["haproxy", "/usr/sbin/haproxy"].find(
  (program) => spawnSync(program, ["-v"]).status === 0,
);

/** Whether HAProxy is installed; `npm test` installs it, or fails without it in CI. */
export const hasHaproxy = HAPROXY !== undefined;

/** Like `describe`, for tests that need a real HAProxy; without one they are skipped, with a note in the title. */
export function describeWithHaproxy(name: string, claims: () => void): void {
  if (hasHaproxy) describe(name, claims);
  else describe.skip(`${name} (skipped: no haproxy on this machine)`, claims);
}

export class Haproxy {
  readonly host = "127.0.0.1";

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly port: number,
    readonly replicaPort: number,
    readonly healthPort: number,
  ) {}

  /** @param environment `PRIMARY`, and `REPLICA` if there is one */
  static async start(environment: Readonly<Record<string, string>>): Promise<Haproxy> {
    const folder = temporaryFolder("sark-haproxy-");
    const [primary, replica, health] = [await freePort(), await freePort(), await freePort()];
    const config = readFileSync(CONFIG, "utf8")
      .replace("127.0.0.1:5432", `127.0.0.1:${primary}`)
      .replace("127.0.0.1:5433", `127.0.0.1:${replica}`)
      .replace("bind :8404", `bind 127.0.0.1:${health}`);
    writeFileSync(join(folder, "gateway.cfg"), config);
    const env = { PATH: process.env["PATH"], ...environment };
    const child = spawn(HAPROXY ?? "haproxy", ["-db", "-f", join(folder, "gateway.cfg")], {
      env,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const haproxy = new Haproxy(child, folder, primary, replica, health);
    if (await waitUntil(() => haproxy.healthy(), 10_000)) return haproxy;
    await haproxy.stop();
    throw new Error("HAProxy does not answer");
  }

  async healthy(): Promise<boolean> {
    try {
      const { status } = await fetch(`http://127.0.0.1:${this.healthPort}/healthy`);
      return status === 200;
    } catch {
      return false;
    }
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.child;
    if (exitCode === null && signalCode === null) {
      const ended = new Promise((resolve) => this.child.once("exit", resolve));
      this.child.kill("SIGKILL");
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
