/** Tests the command on real servers that were migrated without a ledger. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { withClient } from "../../../components/connections/provider-connection";
import { migrationsProvider, readDump } from "../../../components/migrations/provider-migrations";
import { contentHash } from "../../../components/migrations/plan/migration-files";
import type { DatabaseName } from "../../../components/roles/plan/role-plan";
import { runBaseline } from "../../../cli/commands/baseline-command";
import { UserError } from "../../../engine/engine";
import { connectionFromEnvironment } from "../../../cli/commands/libpq-environment";
import { applyAll, migratedSark, migrationFiles, type TestServer } from "../../../scratch/migrated";
import { rolesSql } from "../../../scratch/roles-sql";
import { type ScratchTimescale, startScratchTimescale } from "../../../scratch/scratch-timescale";
import { fakeTerminal } from "../support/fakes";

jest.setTimeout(120_000);

const PASSWORD = "of-the-embedded-server";
let server: TestServer;
let admin: Client;
let embedded: ScratchTimescale;

beforeAll(async () => {
  [server, embedded] = await Promise.all([migratedSark(), startScratchTimescale()]);
  admin = await server.connect("postgres");
});
afterAll(async () => {
  await Promise.all([server.stop(), embedded.stop()]);
});

const toSark = (): NodeJS.ProcessEnv => ({
  PGHOST: "127.0.0.1",
  PGPORT: String(server.port),
  PGUSER: "sark_migrate",
  PGPASSWORD: server.password,
  PGSSLMODE: "disable",
});

async function baseline(
  database: DatabaseName,
  env: NodeJS.ProcessEnv,
  given: { readonly json?: boolean; readonly yes?: boolean; readonly answers?: string[] } = {},
) {
  const { json = false, yes = true, answers } = given;
  const { terminal, out, err } = fakeTerminal({ json, ...(answers && { answers }) });
  const code = await runBaseline({ database, yes }, terminal, env);
  return { code, out: out(), err: err() };
}

const hasLedger = async () => {
  const { rows } = await admin.query<{ there: boolean }>(
    "select to_regnamespace('sark_migrations') is not null as there",
  );
  return rows[0]?.there;
};

describe("baseline", () => {
  const names = migrationFiles("sark").map(({ name }) => name);

  it("without a terminal and --yes refuses before it connects", async () => {
    await expect(baseline("sark", {}, { yes: false })).rejects.toThrow(
      "To run it unattended: npm run baseline -- --database sark --yes",
    );
  });

  it("refuses unreadable migration files, and names folder and file", async () => {
    const root = mkdtempSync(join(tmpdir(), "sark-baseline-"));
    writeFileSync(join(root, "Pulumi.yaml"), "name: scratch\n");
    process.env["SARK_ROOT"] = root;
    try {
      const missing = baseline("sark", toSark());
      await expect(missing).rejects.toThrow("sql/sark: unreadable: the folder is missing");
      await expect(missing).rejects.toBeInstanceOf(UserError);
      mkdirSync(join(root, "sql/sark/000001_x.sql"), { recursive: true });
      await expect(baseline("sark", toSark())).rejects.toThrow(
        "sql/sark: unreadable: 000001_x.sql: it is a folder",
      );
    } finally {
      delete process.env["SARK_ROOT"];
      rmSync(root, { recursive: true });
    }
  });

  it("refuses a database whose schema differs, lists the differences, and records nothing", async () => {
    await admin.query("alter table public.sessions add column device text");
    const { code, err } = await baseline("sark", toSark());
    expect([code, err]).toEqual([1, expect.stringContaining("\n      + column device text\n")]);
    expect(err).toContain(`sark_migrate@127.0.0.1:${server.port}/sark: schema-differs: `);
    const { out } = await baseline("sark", toSark(), { json: true });
    expect(JSON.parse(out)).toEqual({
      database: "sark",
      recorded: null,
      code: "schema-differs",
      differences: [
        {
          ...{ object: "table public.sessions", kind: "changed" },
          ...{ missing: [], foreign: ["column device text"] },
        },
      ],
    });
    await admin.query("alter table public.sessions drop column device");
    expect(await hasLedger()).toBe(false);
  });

  it("asks for confirmation, and records nothing after a no", async () => {
    const { code, out } = await baseline("sark", toSark(), { yes: false, answers: ["n"] });
    expect(code).toBe(1);
    for (const name of names) expect(out).toContain(`  ${name}\n`);
    expect(await hasLedger()).toBe(false);
  });

  it("records all files, prints no password, and can be run again", async () => {
    const first = await baseline("sark", toSark(), { json: true });
    expect([first.code, JSON.parse(first.out)]).toEqual([0, { database: "sark", recorded: names }]);
    expect(first.out + first.err).not.toContain(server.password);
    const again = await baseline("sark", toSark(), { yes: false, answers: ["y"] });
    expect([again.code, again.out]).toEqual([
      0,
      expect.stringContaining("The migration ledger already lists all files.\n"),
    ]);
  });

  it("reads the password from the file in PGPASSFILE", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sark-pgpass-"));
    const file = join(folder, "pgpass");
    writeFileSync(file, `127.0.0.1:${server.port}:sark:sark_migrate:${server.password}\n`);
    chmodSync(file, 0o600);
    process.env["PGPASSFILE"] = file;
    try {
      const { PGPASSWORD: _without, ...env } = toSark();
      expect(await baseline("sark", env)).toMatchObject({ code: 0 });
    } finally {
      delete process.env["PGPASSFILE"];
      rmSync(folder, { recursive: true });
    }
  });

  it("adopts an audit database with another retention, and leaves no migration pending", async () => {
    const { host, port, user, password } = embedded;
    const database = "sark_audit";
    const connection = { host, port, database, sslMode: "disable" } as const;
    await withClient({ ...connection, user, password }, async (client) => {
      await client.query(
        rolesSql("sark_audit", { extensions: ["timescaledb"], password: PASSWORD }),
      );
      await applyAll(client, "sark_audit");
      await client.query(
        `select public.set_chunk_time_interval('public.siem_events', interval '4 days'),
                public.alter_job(job_id, config => config || '{"drop_after": "400 days"}')
           from timescaledb_information.jobs
          where proc_name = 'policy_retention' and hypertable_name = 'siem_events'`,
      );
    });
    const login = { user: "sark_audit_migrate", password: PASSWORD };
    const env = {
      ...{ PGHOST: host, PGPORT: String(port), PGUSER: login.user, PGPASSWORD: PASSWORD },
      PGSSLMODE: "disable",
    };
    const adopted = await baseline("sark_audit", env);
    expect([adopted.code, adopted.err]).toEqual([0, ""]);

    const [files, directory] = [migrationFiles("sark_audit"), "sql/sark_audit"];
    const applied = () =>
      withClient({ ...connection, user, password }, async (client) => {
        const { rows } = await client.query(
          "select count(*)::integer as files, max(applied_at)::text as last from sark_migrations.applied",
        );
        return rows as unknown[];
      });
    const before = await applied();
    expect(before).toMatchObject([{ files: files.length }]);
    await migrationsProvider.create({
      connection: { ...connection, ...login },
      directory,
      dumpHash: contentHash(readDump(directory) ?? ""),
      files: Object.fromEntries(files.map(({ name, hash }) => [name, hash])),
      owner: "sark_audit_owner",
      ledgerReaders: ["sark_audit_monitor"],
      extensions: [{ name: "timescaledb", preload: true }],
    });
    expect(await applied()).toEqual(before);
  });
});

describe("connectionFromEnvironment", () => {
  const env = { PGHOST: "db.example.com", PGUSER: "sark_migrate" };

  it("reads libpq's variables, and verifies the server by default", () => {
    expect(connectionFromEnvironment(env, "sark")).toEqual({
      ...{ host: "db.example.com", port: 5432, database: "sark", user: "sark_migrate" },
      ...{ password: "", sslMode: "verify-full" },
    });
    expect(
      connectionFromEnvironment(
        { ...env, PGPORT: "6432", PGDATABASE: "old", PGPASSWORD: "secret", PGSSLMODE: "disable" },
        "sark",
      ),
    ).toMatchObject({ port: 6432, database: "old", password: "secret", sslMode: "disable" });
    expect(connectionFromEnvironment({ ...env, PGHOST: "/run/postgresql" }, "sark").sslMode).toBe(
      "disable",
    );
  });

  it("reads the certificate authority from PGSSLROOTCERT", () => {
    const ca = connectionFromEnvironment({ ...env, PGSSLROOTCERT: __filename }, "sark").ca;
    expect(ca).toContain("Tests the command on real servers");
    expect(
      connectionFromEnvironment({ ...env, PGSSLROOTCERT: "system" }, "sark").ca,
    ).toBeUndefined();
  });

  it.each<[NodeJS.ProcessEnv, string]>([
    [{ PGUSER: "sark_migrate" }, "PGHOST is not set"],
    [{ PGHOST: "db.example.com" }, "PGUSER is not set"],
    [{ ...env, PGPORT: "http" }, 'PGPORT is "http"; allowed: a number from 1 to 65535'],
    [{ ...env, PGSSLMODE: "require" }, 'PGSSLMODE is "require"; allowed: verify-full'],
    [{ ...env, PGSSLROOTCERT: "/no/such/file" }, "PGSSLROOTCERT names a file that cannot be read"],
  ])("refuses %j, and names the variable", (given, message) => {
    expect(() => connectionFromEnvironment(given, "sark")).toThrow(message);
  });
});
