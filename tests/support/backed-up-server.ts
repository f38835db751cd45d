/** Servers of the local home with backups, as its provider makes them. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { BACKUP_TOOLS } from "../../components/backups/backup-tools";
import { findPgBackRest } from "../../components/homes/local/backups/find-pgbackrest";
import { existingServerFolder } from "../../components/homes/local/processes/paths";
import { freePort, HOST } from "../../components/homes/local/processes/ports";
import { type Checkout, LocalResource, makeCheckout } from "./local-home";

/** Programs that `npm test` has unpacked. Tests put another folder in place of the checkout. */
const tools = join(__dirname, "..", "..", BACKUP_TOOLS);
process.env["PATH"] = `${process.env["PATH"] ?? ""}${delimiter}${tools}`;

/** Like `describe`, for tests that need pgBackRest. Without it they fail in CI, and elsewhere are skipped by name. */
export function describeWithPgBackRest(name: string, claims: () => void): void {
  if (findPgBackRest() !== undefined) describe(name, claims);
  else if ((process.env["CI"] ?? "") === "") {
    describe.skip(`${name} (skipped: pgBackRest is not installed)`, claims);
  } else {
    it(name, () => {
      throw new Error("pgBackRest is not installed; in CI that is a failure, not a skip");
    });
  }
}

export const ADMIN = { user: "postgres", password: "admin-password" };

/** A primary with backups in a folder. */
export class BackedUpServer {
  readonly #resource = new LocalResource("local:PostgresServer");

  private constructor(
    readonly checkout: Checkout,
    /** Folder of the repository. */
    readonly store: string,
    readonly inputs: Readonly<Record<string, unknown>>,
  ) {}

  /** Starts it. @param backups in place of those in a folder */
  static async start(backups: object = {}): Promise<BackedUpServer> {
    const checkout = makeCheckout();
    const parent = mkdtempSync(join(tmpdir(), "sark-backups-"));
    chmodSync(parent, 0o755);
    const store = join(parent, "store");
    const server = new BackedUpServer(checkout, store, {
      directory: "sark",
      port: await freePort(),
      database: "sark",
      majorVersion: 18,
      adminUser: ADMIN.user,
      adminPassword: ADMIN.password,
      replicationUser: "sark_replication",
      replicationPassword: "replica-password",
      preload: [],
      parameters: {
        restart: { archive_mode: "on", max_connections: "40", shared_buffers: "32MB" },
        reload: { min_wal_size: "32MB", max_wal_size: "64MB" },
      },
      backups: {
        store: { folder: store },
        passphrase: "a-passphrase",
        retentionDays: 14,
        walBound: 2 ** 30,
        ...backups,
      },
    });
    await server.up();
    // A recovery takes a backup that ended in an earlier second.
    await sleep(1100);
    return server;
  }

  get folder(): string {
    return existingServerFolder("sark") ?? "";
  }

  up(changes: object = {}) {
    return this.#resource.up({ ...this.inputs, ...changes });
  }

  failures(changes: object = {}): Promise<string[]> {
    return this.#resource.failures({ ...this.inputs, ...changes });
  }

  /** Deletes the server, as destroy does. */
  delete(): Promise<void> {
    return this.#resource.delete();
  }

  async query<Row extends object>(text: string): Promise<Row[]> {
    const client = new Client({
      ...{ host: HOST, port: Number(this.inputs["port"]), ...ADMIN, database: "postgres" },
    });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** The server's clock, as a recovery's target. */
  async now(): Promise<string> {
    const [row] = await this.query<{ now: string }>(
      `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`,
    );
    return row?.now ?? "";
  }

  async remove(): Promise<void> {
    await this.delete();
    this.checkout.remove();
    rmSync(join(this.store, ".."), { recursive: true, force: true });
  }
}

/** Paths of the files below a folder. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Flips one bit in the middle of a file. */
export function flipBit(file: string): void {
  const bytes = readFileSync(file);
  const at = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(file, bytes);
}
