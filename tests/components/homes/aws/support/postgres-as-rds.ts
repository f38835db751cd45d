/**
 * A PostgreSQL that imitates RDS: TLS with a test authority, a master user that is not a superuser but a member of
 * `rds_superuser` and owner of the initial databases, nobody else who reads pg_authid, and pg_stat_statements as a
 * trusted extension. Behaviour of RDS's own code is not imitated.
 */
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { passwordVerifier } from "../../../../../components/roles/plan/scram";
import { postgresBinaries } from "../../../../../components/homes/local/processes/binaries";
import {
  type ScratchPostgres,
  startScratchPostgres,
  temporaryFolder,
} from "../../../../../scratch/scratch-postgres";
import { CertificateAuthority } from "../../../route/support/relay-certificates";

export const REGION = "eu-central-1";
export const ENDPOINT = `sark-test.c1a2b3c4d5e6.${REGION}.rds.amazonaws.com`;
export const MASTER = { username: "sark_master", password: "MasterSecret0fThisTest" } as const;

/** A verifier, so that the server's log gets the password only from the tested code. */
const VERIFIER = passwordVerifier(MASTER.username, MASTER.password);

export class RdsServer {
  private constructor(
    readonly postgres: ScratchPostgres,
    readonly authority: CertificateAuthority,
    private readonly extensions: string,
  ) {}

  static async start(): Promise<RdsServer> {
    const authority = new CertificateAuthority(`Amazon RDS ${REGION} Root CA RSA2048 G1`);
    const { cert, key } = authority.issue([`DNS:${ENDPOINT}`]);
    const extensions = trustedExtensions();
    const postgres = await startScratchPostgres({
      preload: ["pg_stat_statements"],
      parameters: {
        ssl: "on",
        ssl_cert_file: cert,
        ssl_key_file: key,
        extension_control_path: `${extensions}:$system`,
        log_statement: "all",
      },
    });
    const server = new RdsServer(postgres, authority, extensions);
    await server.administer(async (client) => {
      await client.query("create role rds_superuser");
      await client.query("grant pg_monitor, pg_signal_backend to rds_superuser with admin true");
      await client.query(
        `create role ${MASTER.username} login createrole createdb password '${VERIFIER}'`,
      );
      await client.query(`grant rds_superuser to ${MASTER.username}`);
      await client.query(`alter database postgres owner to ${MASTER.username}`);
      await client.query(`alter database template1 owner to ${MASTER.username}`);
    });
    // Like rds.force_ssl; the superuser stands for RDS's own, on the host.
    writeFileSync(
      join(postgres.folder, "data/pg_hba.conf"),
      "host all postgres all scram-sha-256\nhostssl all all all scram-sha-256\n",
    );
    await server.administer((client) => client.query("select pg_reload_conf()"));
    return server;
  }

  /** Runs work as RDS's superuser, directly on the server. */
  async administer<T>(work: (client: Client) => Promise<T>, database = "postgres"): Promise<T> {
    const { host, port, user, password } = this.postgres;
    const client = new Client({ host, port, user, password, database });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** Runs work as a login, with verified TLS, without the relay. */
  async as<T>(
    user: string,
    password: string,
    work: (client: Client) => Promise<T>,
    database = "sark",
  ): Promise<T> {
    const { host, port } = this.postgres;
    const ssl = { ca: this.authority.pem, servername: ENDPOINT };
    const client = new Client({ host, port, user, password, database, ssl });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** The server's log, with every statement. */
  get log(): string {
    const folder = join(this.postgres.folder, "log");
    return readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), "utf8"))
      .join("");
  }

  async stop(): Promise<void> {
    await this.postgres.stop();
    this.authority.remove();
    rmSync(this.extensions, { recursive: true, force: true });
  }
}

/** Folder with pg_stat_statements as a trusted extension: RDS lets `rds_superuser` create it, PostgreSQL does not. */
function trustedExtensions(): string {
  const folder = temporaryFolder("sark-extensions-");
  const from = join(postgresBinaries().native, "share/postgresql/extension");
  const to = join(folder, "extension");
  mkdirSync(to);
  for (const file of readdirSync(from).filter((each) => each.startsWith("pg_stat_statements"))) {
    copyFileSync(join(from, file), join(to, file));
  }
  const control = join(to, "pg_stat_statements.control");
  writeFileSync(control, `${readFileSync(control, "utf8")}\ntrusted = true\n`);
  return folder;
}
