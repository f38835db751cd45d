/** pg_hba.conf with the operator's rules around the stack's, on a real server. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import {
  type ScratchPostgres,
  startScratchPostgres,
} from "../../../../../scratch/scratch-postgres";
import { describedCluster } from "../../../../support/built-cluster";
import { kubernetesStack } from "../../../../support/registered";
import { type ServerCertificate, serverCertificate } from "../../../../support/server-certificate";

jest.setTimeout(60_000);

const HOST = "sark-rw.sark-databases.svc";
const PASSWORD = "of everybody";
let certificate: ServerCertificate;
let scratch: ScratchPostgres;

beforeAll(async () => {
  certificate = serverCertificate(HOST);
  scratch = await startScratchPostgres({ parameters: certificate.parameters });
  const { host, port, user, password } = scratch;
  const client = new Client({ host, port, user, password, database: "postgres" });
  await client.connect();
  await client.query("create database sark");
  await client.query("create database other");
  await client.query(`create role sark_app_a login password '${PASSWORD}'`);
  await client.query(`create role replicator login replication password '${PASSWORD}'`);
  await client.query(`alter role postgres password '${PASSWORD}'`);
  const own = describedCluster(kubernetesStack(), "sark").spec.postgresql?.pg_hba ?? [];
  // The operator's last rule (configuration.go, hbaTemplateString).
  const rules = [...own, "host all all all scram-sha-256"];
  writeFileSync(join(scratch.folder, "data/pg_hba.conf"), `${rules.join("\n")}\n`);
  await client.query("select pg_reload_conf()");
  const { rows } = await client.query(
    "select error from pg_hba_file_rules where error is not null",
  );
  expect(rows).toEqual([]);
  await client.end();
});
afterAll(async () => {
  await scratch.stop();
  rmSync(certificate.folder, { recursive: true, force: true });
});

/** Returns "ok", or the server's error. */
async function login(user: string, database: string, tls: boolean): Promise<string> {
  const { host, port } = scratch;
  const ssl = tls ? { ca: certificate.authority, servername: HOST } : false;
  const client = new Client({ host, port, user, password: PASSWORD, database, ssl });
  try {
    await client.connect();
    await client.end();
    return "ok";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

it("pg_hba rules admit a login with a password and TLS", async () => {
  expect(await login("sark_app_a", "sark", true)).toBe("ok");
});

it.each([
  ["without TLS", "sark_app_a", "sark", false],
  ["into another database", "sark_app_a", "other", true],
  ["into the operator's database", "sark_app_a", "postgres", true],
  ["as the superuser, even with a password", "postgres", "sark", true],
])("pg_hba rules reject a login %s", async (_how, user, database, tls) => {
  expect(await login(user, database, tls)).toMatch(/pg_hba.conf rejects connection/);
});
