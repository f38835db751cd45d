/** PostgreSQL servers of any major version, each with the programs of that version. */
import { execFile } from "node:child_process";
import { chownSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { postgresBinaries } from "../../components/homes/local/processes/binaries";
import { serviceUser, userOptions } from "../../components/homes/local/processes/service-user";
import type { PostgresMajor } from "./postgres-programs";

const run = promisify(execFile);

/** The collation of a new cluster: that of Kubernetes before version 17, or of version 17 and later. */
export const LOCALES = {
  libc: ["--locale=C"],
  builtin: ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
} as const;

const CONFIGURATION = `
listen_addresses = ''
shared_preload_libraries = 'pg_stat_statements'
autovacuum = off
fsync = off
`;

const UUID_LIBRARY = "libossp-uuid.so.16";

/** A cluster that listens on a socket in its folder only, and trusts everybody who reaches it. */
export class VersionedServer {
  readonly data: string;
  readonly #clients: Client[] = [];

  private constructor(
    readonly major: PostgresMajor,
    /** Folder of the programs. */
    readonly programs: string,
    readonly folder: string,
  ) {
    this.data = join(folder, "data");
  }

  /** Creates a cluster, which does not run yet. */
  static async create(
    major: PostgresMajor,
    programs: string,
    locale: keyof typeof LOCALES,
  ): Promise<VersionedServer> {
    // Short, because the path of a socket is limited to 107 bytes.
    const folder = mkdtempSync(join(tmpdir(), `sark-pg${major}-`));
    const user = serviceUser();
    if (user !== undefined) chownSync(folder, user.uid, user.gid);
    // The programs come without this library of the extension uuid-ossp; the embedded server has it.
    copyFileSync(join(postgresBinaries().native, "lib", UUID_LIBRARY), join(folder, UUID_LIBRARY));
    const server = new VersionedServer(major, programs, folder);
    await server.run("initdb", [
      `--pgdata=${server.data}`,
      "--username=postgres",
      "--auth=trust",
      "--encoding=UTF8",
      "--data-checksums",
      "--no-sync",
      ...LOCALES[locale],
    ]);
    const configuration = join(server.data, "postgresql.conf");
    const before = readFileSync(configuration, "utf8");
    writeFileSync(
      configuration,
      `${before}${CONFIGURATION}unix_socket_directories = '${folder}'\n`,
    );
    return server;
  }

  async start(): Promise<void> {
    await this.run("pg_ctl", this.#control("start"));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.end()));
    await this.run("pg_ctl", this.#control("stop"));
  }

  async remove(): Promise<void> {
    await this.stop().catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true });
  }

  async connect(user = "postgres", database = "sark"): Promise<Client> {
    const client = new Client({ host: this.folder, user, database });
    this.#clients.push(client);
    await client.connect();
    return client;
  }

  /** Runs a program of this version as the servers' user; returns what it prints. */
  async run(program: string, args: readonly string[]): Promise<string> {
    const environment = {
      PATH: "/usr/bin:/bin",
      LD_LIBRARY_PATH: this.folder,
      LC_ALL: "C",
      TZ: "UTC",
      PGHOST: this.folder,
      PGUSER: "postgres",
    };
    try {
      const { stdout } = await run(join(this.programs, program), [...args], {
        ...userOptions(serviceUser()),
        cwd: this.folder,
        env: environment,
      });
      return stdout;
    } catch (error) {
      const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
      throw new Error(`${program} of PostgreSQL ${this.major}: ${stdout}${stderr}`, {
        cause: error,
      });
    }
  }

  #control(action: "start" | "stop"): readonly string[] {
    const log = join(this.folder, "log");
    return [action, "--silent", "--wait", `--pgdata=${this.data}`, `--log=${log}`];
  }
}

/**
 * Upgrades a stopped cluster in place into a new, empty and stopped one, by hard links as CloudNativePG does. The old
 * cluster cannot be started again.
 */
export async function upgradeInPlace(from: VersionedServer, to: VersionedServer): Promise<void> {
  await to.run("pg_upgrade", [
    `--old-bindir=${from.programs}`,
    `--new-bindir=${to.programs}`,
    `--old-datadir=${from.data}`,
    `--new-datadir=${to.data}`,
    `--socketdir=${to.folder}`,
    "--link",
  ]);
}

/**
 * Copies roles and the database of a running server by dump, with the programs of the new version, as is advised.
 * @param collation of the new database
 */
export async function upgradeByDump(
  from: VersionedServer,
  to: VersionedServer,
  collation: "as before" | "the new server's" = "as before",
): Promise<void> {
  const roles = await to.run("pg_dumpall", ["--globals-only", `--host=${from.folder}`]);
  const admin = await to.connect("postgres", "postgres");
  await admin.query(roles.replace(/^CREATE ROLE postgres;$/m, "").replaceAll(/^\\.*$/gm, ""));
  const dump = join(to.folder, "dump");
  const target = ["--format=directory", `--host=${from.folder}`, `--file=${dump}`];
  await to.run("pg_dump", [...target, "--jobs=2", "sark"]);
  const restore = ["--exit-on-error", "--jobs=2", dump];
  if (collation === "as before") {
    await to.run("pg_restore", ["--create", "--dbname=postgres", ...restore]);
  } else {
    await admin.query("create database sark");
    await to.run("pg_restore", ["--dbname=sark", ...restore]);
  }
}
