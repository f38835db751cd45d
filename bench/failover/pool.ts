/** PgBouncer as on Kubernetes: the same settings, TLS on both sides, and logins from auth_query. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { connectClient } from "../../components/connections/connect";
import { poolIni } from "../../components/homes/kubernetes/pool/pool-ini";
import { POOL_PORT, caBundlePath } from "../../components/homes/kubernetes/pool/pool-paths";
import { AUTH_QUERY } from "../../components/pool/plan/auth-query-plan";
import {
  type PgBouncerSettings,
  renderPgbouncerIni,
  renderUserlist,
} from "../../components/pool/plan/pgbouncer-ini";
import { writePrivately } from "../../components/homes/local/processes/private-files";
import { HOST } from "../../components/homes/local/processes/ports";
import { type ServiceUser, userOptions } from "../../components/homes/local/processes/service-user";
import { type TestAuthority, mount } from "../../scratch/certificates";
import { findPgBouncer } from "../../components/homes/local/processes/pgbouncer";
import { temporaryFolder } from "../../scratch/scratch-postgres";
import { SERVICE } from "./failover-network";
import { LOGIN, LOOKUP } from "./failover-servers";

const NAME = "pgbouncer";

export class BenchPool {
  readonly folder = temporaryFolder("failover-pool-");
  readonly #authority: TestAuthority;
  readonly #user: ServiceUser;
  #process: ChildProcess | undefined;

  constructor(authority: TestAuthority, user: ServiceUser) {
    this.#authority = authority;
    this.#user = user;
    const { certificate, key } = authority.sign(`DNS:${NAME}`);
    const folder = (name: string) => join(this.folder, name);
    mkdirSync(folder("authorities"));
    mount(folder("certificate"), { "tls.crt": certificate, "tls.key": key });
    const lookup = { name: LOOKUP.user, secret: LOOKUP.password };
    mount(folder("logins"), { "userlist.txt": renderUserlist([lookup]) });
  }

  async start(changes: PgBouncerSettings): Promise<void> {
    const program = findPgBouncer();
    if (program === undefined) throw new Error("this benchmark needs pgbouncer on the PATH");
    const folder = (name: string) => join(this.folder, name);
    const paths = {
      config: this.folder,
      logins: folder("logins"),
      certificate: folder("certificate"),
      authorities: folder("authorities"),
      run: this.folder,
    };
    writePrivately(caBundlePath(paths), this.#authority.certificate, this.#user);
    const entry = { host: SERVICE, port: 5432, dbname: "postgres", auth_user: LOOKUP.user };
    const config = poolIni(program.version, { sark: entry }, { auth_query: AUTH_QUERY }, paths);
    const settings = { ...config.settings, ...changes, admin_users: LOOKUP.user };
    const file = folder("pgbouncer.ini");
    writePrivately(file, renderPgbouncerIni({ ...config, settings }).text, this.#user);
    this.#process = spawn(program.path, ["-q", file], {
      ...userOptions(this.#user),
      stdio: "ignore",
    });
    for (;;) {
      try {
        await (await this.console()).end();
        return;
      } catch {
        await sleep(50);
      }
    }
  }

  connect(): Promise<Client> {
    return this.#connect("sark", LOGIN);
  }

  console(): Promise<Client> {
    return this.#connect("pgbouncer", LOOKUP);
  }

  async end(): Promise<void> {
    if (this.#process === undefined) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGQUIT");
    await ended;
  }

  #connect(database: string, login: typeof LOGIN): Promise<Client> {
    const ssl = { ca: this.#authority.certificate, servername: NAME };
    return connectClient({ host: HOST, port: POOL_PORT, database, ...login, ssl });
  }
}
