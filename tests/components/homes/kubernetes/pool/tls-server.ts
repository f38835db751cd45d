/** A real PostgreSQL with TLS and its own login. */
import { chownSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { serviceUser } from "../../../../../components/homes/local/processes/service-user";
import { startScratchPostgres, temporaryFolder } from "../../../../../scratch/scratch-postgres";
import type { KeyPair } from "../../../../../scratch/certificates";

export interface TlsServer {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Runs statements directly as its superuser, not through the pool. */
  readonly run: (sql: string) => Promise<Record<string, unknown>[]>;
  readonly stop: () => Promise<void>;
}

/** @param pair its certificate; undefined: no TLS */
export async function startTlsServer(user: string, pair: KeyPair | undefined): Promise<TlsServer> {
  const folder = temporaryFolder("server-tls-");
  const owner = serviceUser();
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    if (owner) chownSync(path, owner.uid, owner.gid);
    return path;
  };
  const tls = pair && {
    ssl: "on",
    ssl_cert_file: file("server.crt", pair.certificate),
    ssl_key_file: file("server.key", pair.key),
  };
  const server = await startScratchPostgres({ parameters: tls ?? {} });
  const run = async (sql: string) => {
    const client = new Client({ connectionString: server.connectionString });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const password = `password of ${user}`;
  await run(`create role ${user} login password '${password}'`);
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { port: server.port, user, password, run, stop };
}
