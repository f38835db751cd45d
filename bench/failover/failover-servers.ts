/** A primary and its streaming stand-by, each on its own node, with TLS. */
import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { connectClient } from "../../components/connections/connect";
import { AUTH_SCHEMA, authFunctionSql } from "../../components/pool/plan/auth-query-plan";
import { postgresBinaries } from "../../components/homes/local/processes/binaries";
import { writePrivately } from "../../components/homes/local/processes/private-files";
import { initialise } from "../../components/homes/local/processes/postgres";
import { serverFiles } from "../../components/homes/local/processes/postgres-files";
import type { ServiceUser } from "../../components/homes/local/processes/service-user";
import type { KeyPair } from "../../scratch/certificates";
import { temporaryFolder } from "../../scratch/scratch-postgres";
import { NODES, type Node, addressOf, spawnOn } from "./failover-network";

const ADMIN = { user: "postgres", password: "administrator" };
export const LOGIN = { user: "sark", password: "application" };
export const LOOKUP = { user: "lookup", password: "pool" };

const CONFIGURATION = `
listen_addresses = '*'
port = 5432
ssl = on
unix_socket_directories = ''
wal_keep_size = 256MB
max_connections = 200
shared_buffers = 64MB
`;

const HBA = `
hostssl  all          all  all  scram-sha-256
host     replication  all  all  trust
`;

export class Servers {
  readonly folder = temporaryFolder("failover-");
  readonly #processes = new Map<Node, ChildProcess>();

  constructor(readonly user: ServiceUser) {}

  /** Creates the data with which each round begins. */
  async prepare({ certificate, key }: KeyPair): Promise<void> {
    await initialise(this.folder, ADMIN);
    const { data } = serverFiles(this.folder);
    writePrivately(join(data, "server.crt"), certificate, this.user);
    writePrivately(join(data, "server.key"), key, this.user);
    appendFileSync(join(data, "pg_hba.conf"), HBA);
    appendFileSync(join(data, "postgresql.conf"), CONFIGURATION);
    this.#start("a", data);
    const admin = await this.#admin("a");
    for (const { user, password } of [LOGIN, LOOKUP]) {
      await admin.query(`create role ${user} login password '${password}'`);
    }
    await admin.query(`create schema ${AUTH_SCHEMA}`);
    await admin.query(authFunctionSql([`'${LOGIN.user}'`]));
    await admin.query(`grant usage on schema ${AUTH_SCHEMA} to ${LOOKUP.user}`);
    await admin.query("create table written (client int, at timestamptz default now())");
    await admin.query(`grant insert on written to ${LOGIN.user}`);
    await admin.end();
    await this.end("a");
  }

  /** Starts both on fresh data, and waits until the stand-by streams. */
  async start(): Promise<void> {
    for (const node of NODES) {
      const folder = join(this.folder, node);
      rmSync(folder, { recursive: true, force: true });
      execFileSync("cp", ["-a", serverFiles(this.folder).data, folder]);
      if (node === "b") {
        writePrivately(join(folder, "standby.signal"), "", this.user);
        const source = `host=${addressOf("a")} port=5432 user=${ADMIN.user} sslmode=disable`;
        appendFileSync(join(folder, "postgresql.conf"), `primary_conninfo = '${source}'\n`);
      }
      this.#start(node, folder);
      await (await this.#admin(node)).end();
    }
    const admin = await this.#admin("a");
    const streams = "select from pg_stat_replication where state = 'streaming'";
    while ((await admin.query(streams)).rowCount !== 1) await sleep(50);
    await admin.end();
  }

  async promote(node: Node): Promise<void> {
    const admin = await this.#admin(node);
    await admin.query("select pg_promote()");
    await admin.end();
  }

  /** Ends a server. @param signal SIGINT for a clean stop */
  async end(node: Node, signal: NodeJS.Signals = "SIGINT"): Promise<void> {
    const child = this.#processes.get(node);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** Kills all processes of a server at once, like the kernel kills a container. */
  async crash(node: Node): Promise<void> {
    const pid = this.#processes.get(node)?.pid;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    for (const child of children) process.kill(Number(child), "SIGSTOP");
    await this.end(node, "SIGKILL");
    for (const child of children) process.kill(Number(child), "SIGKILL");
  }

  #start(node: Node, data: string): void {
    const command = [postgresBinaries().postgres, "-D", data];
    this.#processes.set(node, spawnOn(node, this.user, command));
  }

  async #admin(node: Node): Promise<Client> {
    for (;;) {
      try {
        const address = { host: addressOf(node), port: 5432, database: "postgres" };
        return await connectClient({ ...address, ...ADMIN, ssl: { rejectUnauthorized: false } });
      } catch {
        await sleep(50);
      }
    }
  }
}
