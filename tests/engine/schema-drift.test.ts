/** Drift of real databases, migrated by the real runner, as the monitoring's login sees it. */
import { join } from "node:path";
import { Client } from "pg";
import { type ConnectionInput, withClient } from "../../components/database/providers/connection";
import { authFunctionSql } from "../../components/lib/auth-query";
import { migrationsProvider, readDump } from "../../components/database/providers/migrations";
import { contentHash } from "../../components/lib/migrations/files";
import type { DatabaseName } from "../../components/lib/role-plan";
import type { ServerOutput, StackOutputs } from "../../components/outputs";
import { schemaDriftOf } from "../../engine/schema-drift";
import { migrateScratch, SCRATCH_PASSWORD } from "../../scripts/golden";
import { migrationFiles } from "../support/migrated";
import { type ScratchServer, startScratchPostgres } from "../support/postgres";
import { startScratchTimescale } from "../support/timescale";
import { FakeEngine, planOf } from "./support/fakes";

jest.setTimeout(120_000);

/** What the layer makes for PgBouncer, besides the files. */
const authQuery = `create schema pgbouncer; ${authFunctionSql(["'sark_app_a'"])}`;

const ROOT = join(__dirname, "..", "..");
const servers: Partial<Record<DatabaseName, ScratchServer>> = {};
const admins: Partial<Record<DatabaseName, ConnectionInput>> = {};

beforeAll(async () => {
  [servers.sark, servers.sark_audit] = await Promise.all([
    startScratchPostgres({ preload: ["pg_stat_statements"] }),
    startScratchTimescale(),
  ]);
  admins.sark = await migrateScratch(servers.sark, "sark", ROOT);
  admins.sark_audit = await migrateScratch(servers.sark_audit, "sark_audit", ROOT);
});
afterAll(async () => {
  await Promise.all(Object.values(servers).map((server) => server.stop()));
});

function adminOf(database: DatabaseName): ConnectionInput {
  const admin = admins[database];
  if (admin === undefined) throw new Error(`${database} was not migrated`);
  return admin;
}

const asAdmin = (database: DatabaseName, sql: string) =>
  withClient(adminOf(database), (client: Client) => client.query(sql));

/** As the engines do with what is not created. */
async function up(database: DatabaseName): Promise<void> {
  const connection = { ...adminOf(database), user: `${database}_migrate` };
  const directory = `sql/${database}`;
  const files = migrationFiles(database).map(({ name, hash }) => [name, hash] as const);
  await migrationsProvider.create({
    connection: { ...connection, password: SCRATCH_PASSWORD },
    directory,
    files: Object.fromEntries(files),
    dumpHash: contentHash(readDump(join(ROOT, directory)) ?? ""),
    owner: `${database}_owner`,
    ledgerReaders: [`${database}_monitor`],
    extensions: [],
  });
}

function outputs(
  database: DatabaseName,
  more: Partial<ServerOutput> = {},
  login: object | undefined = {},
): StackOutputs {
  const { host, port } = adminOf(database);
  const monitor = {
    ...{ database, user: `${database}_monitor`, password: SCRATCH_PASSWORD, host, port },
    ...login,
  };
  return {
    servers: {
      [database]: {
        ...{ home: "local", engine: "postgresql", database, host, port, sslMode: "disable" },
        ...{
          maxConnections: database === "sark" ? 100 : 1,
          budget: 60,
          limits: [],
          migrations: [],
        },
        ...more,
      },
    },
    pool: null,
    logins: { [`${database}_monitor`]: monitor },
  };
}

async function driftOf(stack: StackOutputs | undefined) {
  const engine = new FakeEngine(planOf(), stack ? { outputs: stack } : {});
  if (stack === undefined) engine.outputs = () => Promise.resolve(undefined);
  return schemaDriftOf(engine, { root: ROOT, stack: "local" });
}

describe("sark", () => {
  it("is not compared before a run has recorded how it should be", async () => {
    expect(await driftOf(outputs("sark"))).toEqual([
      {
        ...{ database: "sark", differences: [] },
        note: "no run has recorded it yet; the next `npm run up` will",
      },
    ]);
  });

  it("has no drift when all files are applied, nor by what is the stack's own", async () => {
    await up("sark");
    await asAdmin("sark", authQuery);
    expect(await driftOf(outputs("sark"))).toEqual([{ database: "sark", differences: [] }]);
  });

  it("shows what somebody changed by hand, and another run does not take it for right", async () => {
    await asAdmin(
      "sark",
      `drop index public.servers_tags_idx;
       create table public.notes (text text);
       drop function public.record_server_seen(uuid)`,
    );
    const found = await driftOf(outputs("sark"));
    expect(found).toEqual([
      {
        database: "sark",
        differences: [
          {
            ...{ object: "function public.record_server_seen(server_id uuid)", kind: "missing" },
            ...{ missing: [], foreign: [] },
          },
          { object: "table public.notes", kind: "foreign", missing: [], foreign: [] },
          {
            ...{ object: "table public.servers", kind: "changed", foreign: [] },
            missing: [
              "index CREATE INDEX servers_tags_idx ON public.servers USING gin (tags jsonb_path_ops)",
            ],
          },
        ],
      },
    ]);
    await up("sark");
    expect(await driftOf(outputs("sark"))).toEqual(found);
  });

  it("is not compared while a run's files are applied in part", async () => {
    await asAdmin(
      "sark",
      "insert into sark_migrations.applied values ('999999_later.sql', 'hash', now(), 1)",
    );
    const [{ note, differences } = { note: "", differences: [] }] = await driftOf(outputs("sark"));
    expect(note).toContain("only a part of the last run's files was applied (999999_later.sql)");
    expect(differences).toEqual([]);
    await asAdmin("sark", "delete from sark_migrations.applied where name = '999999_later.sql'");
  });

  it("that cannot be reached is a note, without the password", async () => {
    const [down] = await driftOf(outputs("sark", { port: 1 }));
    expect(down).toEqual({
      ...{ database: "sark", differences: [] },
      note: "connect ECONNREFUSED 127.0.0.1:1",
    });
    const [refused] = await driftOf(outputs("sark", {}, { password: "not-the-password" }));
    expect(refused?.note).toContain('password authentication failed for user "sark_monitor"');
    expect(refused?.note).not.toContain("not-the-password");
    const nobody = { ...outputs("sark"), logins: {} };
    expect(await driftOf(nobody)).toMatchObject([
      { note: "the stack has no login to look at it with" },
    ]);
  });

  it("of a stack that does not exist is not asked for", async () => {
    expect(await driftOf(undefined)).toEqual([]);
  });
});

describe("sark_audit", () => {
  const settings = {
    chunkInterval: {
      audit_events: "1 day",
      policy_evaluations: "6 hours",
      siem_events: "1 day",
    },
    dropAfter: {
      audit_events: "365 days",
      policy_evaluations: "30 days",
      siem_events: "30 days",
    },
  };
  const retention = (age: string) =>
    asAdmin(
      "sark_audit",
      `select public.alter_job(job_id, config => jsonb_set(config, '{drop_after}', '"${age}"'))
         from timescaledb_information.jobs
        where proc_name = 'policy_retention' and hypertable_name = 'audit_events'`,
    );

  it("has no drift with what the stack sets on its hypertables", async () => {
    await up("sark_audit");
    await retention("365 days");
    const same = [{ database: "sark_audit", differences: [] }];
    expect(await driftOf(outputs("sark_audit", { hypertables: settings }))).toEqual(same);
    // Outputs of an earlier version do not say what was set.
    expect(await driftOf(outputs("sark_audit"))).toEqual(same);
  });

  it("has drift where somebody else set it", async () => {
    await retention("7 days");
    const [found] = await driftOf(outputs("sark_audit", { hypertables: settings }));
    expect(found?.differences).toMatchObject([
      {
        object: "hypertable public.audit_events",
        missing: [expect.stringContaining('"drop_after": "365 days"')],
        foreign: [expect.stringContaining('"drop_after": "7 days"')],
      },
    ]);
  });
});
