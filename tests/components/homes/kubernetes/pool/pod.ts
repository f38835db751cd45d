/** A PgBouncer pod without Kubernetes: folders in a temporary directory, the real start script and PgBouncer. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Client } from "pg";
import { SCRIPTS } from "../../../../../components/homes/kubernetes/pool/pool-files";
import { poolIni } from "../../../../../components/homes/kubernetes/pool/pool-ini";
import {
  type PoolPaths,
  caBundlePath,
} from "../../../../../components/homes/kubernetes/pool/pool-paths";
import {
  type DatabaseEntry,
  renderPgbouncerIni,
  renderUserlist,
} from "../../../../../components/pool/plan/pgbouncer-ini";
import { passwordVerifier } from "../../../../../components/roles/plan/scram";
import { freePort, HOST } from "../../../../../components/homes/local/processes/ports";
import { waitUntil } from "../../../../../components/homes/local/processes/process";
import {
  userOptions,
  serviceUser,
} from "../../../../../components/homes/local/processes/service-user";
import { pgbouncerProgram } from "../../../../support/started-pgbouncer";
import { temporaryFolder } from "../../../../../scratch/scratch-postgres";
import { type KeyPair, mount } from "../../../../../scratch/certificates";
import type { TlsServer } from "./tls-server";

const STATS = { user: "pool_stats", password: "statistics" };

/** DNS name in the pool's certificate. */
export const POOL_HOST = "pgbouncer.sark-databases.svc";

export interface PodParts {
  /** Name by which clients connect. */
  readonly servers: Readonly<Record<string, TlsServer>>;
  readonly certificate: KeyPair;
  readonly authorities: Readonly<Record<string, string>>;
  /** @default 1000 */
  readonly openFiles?: number;
}

export class Pod {
  readonly folder = temporaryFolder("pool-pod-");
  readonly paths: PoolPaths = {
    config: join(this.folder, "config"),
    logins: join(this.folder, "logins"),
    certificate: join(this.folder, "certificate"),
    authorities: join(this.folder, "authorities"),
    run: this.folder,
  };
  port = 0;
  log = "";
  #process: ChildProcess | undefined;

  constructor(readonly parts: PodParts) {}

  /** Starts the pod's process and waits until it listens or exits. @returns whether it listens */
  async start(): Promise<boolean> {
    this.port = await freePort();
    this.#writeFiles();
    const { config, authorities, certificate } = this.paths;
    const files = String(this.parts.openFiles ?? 1000);
    const program = dirname(pgbouncerProgram?.path ?? "/usr/sbin/pgbouncer");
    this.#process = spawn(
      "/bin/sh",
      [join(config, "pgbouncer-start.sh"), join(config, "pgbouncer.ini"), files, "1"].concat([
        authorities,
        certificate,
        caBundlePath(this.paths),
      ]),
      {
        ...userOptions(serviceUser()),
        cwd: this.folder,
        env: { PATH: `${program}:${process.env["PATH"] ?? ""}` },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.log += text));
    }
    await waitUntil(() => this.log.includes("process up") || this.ended, 10_000);
    return !this.ended;
  }

  get ended(): boolean {
    return this.#process?.exitCode !== null || this.#process.signalCode !== null;
  }

  get exitCode(): number | null | undefined {
    return this.#process?.exitCode;
  }

  /** Process id of PgBouncer. */
  get pgbouncer(): number {
    return Number(/\[(\d+)\] LOG process up/.exec(this.log)?.[1]);
  }

  logs(line: RegExp): Promise<boolean> {
    return waitUntil(() => line.test(this.log), 8000);
  }

  /** Sends the pod the signal that Kubernetes sends. */
  terminate(): void {
    this.#process?.kill("SIGTERM");
  }

  hasEnded(milliseconds: number): Promise<boolean> {
    return waitUntil(() => this.ended, milliseconds);
  }

  /** A client that verifies the pool's certificate. @param authority CA of the pool; undefined: no TLS */
  client(database: string, authority: string | undefined, host = POOL_HOST): Client {
    const console = database === "pgbouncer";
    const server = this.parts.servers[database];
    return new Client({
      host: HOST,
      port: this.port,
      database,
      ...(console ? STATS : { user: server?.user, password: server?.password }),
      ssl: authority === undefined ? false : { ca: authority, servername: host },
      connectionTimeoutMillis: 8000,
    });
  }

  async remove(): Promise<void> {
    if (!this.ended) {
      process.kill(this.pgbouncer, "SIGKILL");
      await this.hasEnded(3000);
    }
    this.#process?.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  #writeFiles(): void {
    const { servers, certificate, authorities } = this.parts;
    const { config, logins } = this.paths;
    const entries = Object.fromEntries(
      Object.entries(servers).map(([name, { port }]): [string, DatabaseEntry] => [
        name,
        { host: HOST, port, dbname: "postgres" },
      ]),
    );
    const settings = { stats_users: STATS.user, query_wait_timeout: 1 };
    const version = pgbouncerProgram?.version ?? "";
    const { text } = renderPgbouncerIni(poolIni(version, entries, settings, this.paths));
    mkdirSync(config);
    writeFileSync(join(config, "pgbouncer.ini"), text.replace(/6432/, String(this.port)));
    for (const script of SCRIPTS) {
      const file = join("components", "homes", "kubernetes", "scripts", script);
      writeFileSync(join(config, script), readFileSync(file));
    }
    const userlist = renderUserlist([
      ...Object.values(servers).map(({ user, password }) => ({ name: user, secret: password })),
      { name: STATS.user, secret: passwordVerifier(STATS.user, STATS.password) },
    ]);
    mount(logins, { "userlist.txt": userlist });
    mount(this.paths.certificate, {
      "tls.crt": certificate.certificate,
      "tls.key": certificate.key,
    });
    mount(this.paths.authorities, authorities);
  }
}
