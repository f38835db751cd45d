/** Drift of real databases, migrated by the real runner, as the monitor login sees it. */
import { join } from "node:path";
import { Client } from "pg";
import {
  HYPERTABLE_FACTS,
  perHypertable,
} from "../../../components/hypertables/plan/hypertable-facts";
import {
  type ConnectionInput,
  withClient,
} from "../../../components/connections/provider-connection";
import { authFunctionSql } from "../../../components/pool/plan/auth-query-plan";
import { roleSettingsProvider } from "../../../components/roles/provider-role-settings";
import {
  revokeDatabasesSql,
  UNUSED_DATABASES,
} from "../../../components/roles/plan/public-rights-plan";
import { migrationsProvider, readDump } from "../../../components/migrations/provider-migrations";
import { contentHash } from "../../../components/migrations/plan/migration-files";
import { type DatabaseName, rolePlan } from "../../../components/roles/plan/role-plan";
import type { ServerOutput, StackOutputs } from "../../../components/outputs/outputs";
import { databaseDriftOf } from "../../../cli/report/database-drift";
import { migrationFiles } from "../../../scratch/migrated";
import { type ScratchServer, startScratchPostgres } from "../../../scratch/scratch-postgres";
import { startScratchTimescale } from "../../../scratch/scratch-timescale";
import { migrateScratch, SCRATCH_PASSWORD } from "../../../scripts/generated/schema/golden-dumps";
import { FakeEngine, planOf } from "../support/fakes";

jest.setTimeout(120_000);

/** The database layer's objects for PgBouncer, which are not in the files. */
const authQuery = `create schema pgbouncer; ${authFunctionSql(["'sark_app_a'"])}`;

const ROOT = join(__dirname, "../../..");
const servers: Partial<Record<DatabaseName, ScratchServer>> = {};
const admins: Partial<Record<DatabaseName, ConnectionInput>> = {};

beforeAll(async () => {
  [servers.sark, servers.sark_audit] = await Promise.all([
    startScratchPostgres({ preload: ["pg_stat_statements"] }),
    startScratchTimescale(),
  ]);
  admins.sark = await migrateScratch(servers.sark, "sark", ROOT);
  admins.sark_audit = await migrateScratch(servers.sark_audit, "sark_audit", ROOT);
  for (const database of ["sark", "sark_audit"] as const) await layerRest(database);
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

/** The database layer's role settings, in addition to attributes and memberships. */
async function layerRest(database: DatabaseName): Promise<void> {
  const roles = rolePlan(database, 1).roles.filter(({ purpose }) => purpose !== undefined);
  await roleSettingsProvider.create({
    connection: adminOf(database),
    settings: Object.fromEntries(roles.map(({ name, settings }) => [name, settings])),
  });
  await asAdmin(database, revokeDatabasesSql(UNUSED_DATABASES));
}

/** Applies the migrations as the engines do. */
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
    logins: {
      [`${database}_monitor`]: monitor,
      [`${database}_admin`]: { ...monitor, user: adminOf(database).user },
    },
  };
}

const SAME = { differences: [] };

async function driftOf(stack: StackOutputs | undefined) {
  const engine = new FakeEngine(planOf(), stack ? { outputs: stack } : {});
  if (stack === undefined) engine.outputs = () => Promise.resolve(undefined);
  return databaseDriftOf(engine, { root: ROOT, stack: "local" });
}

describe("drift of sark", () => {
  it("is unknown before a run has recorded the schema", async () => {
    const note = "no run has recorded it yet; the next `npm run up` records it";
    expect(await driftOf(outputs("sark"))).toEqual([
      { database: "sark", schema: { differences: [], note }, roles: SAME },
    ]);
  });

  it("is empty after all files are applied, and ignores the stack's own objects", async () => {
    await up("sark");
    await asAdmin("sark", authQuery);
    expect(await driftOf(outputs("sark"))).toEqual([
      { database: "sark", schema: SAME, roles: SAME },
    ]);
  });

  it("shows changes by hand, also after another run", async () => {
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
        roles: SAME,
        schema: {
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
      },
    ]);
    await up("sark");
    expect(await driftOf(outputs("sark"))).toEqual(found);
  });

  it("of the schema is unknown while only some of a run's files are applied", async () => {
    await asAdmin(
      "sark",
      "insert into sark_migrations.applied values ('999999_later.sql', 'hash', now(), 1)",
    );
    const [found] = await driftOf(outputs("sark"));
    expect(found?.schema).toEqual({
      note: expect.stringContaining(
        "the last run applied only some of its files (999999_later.sql)",
      ) as string,
      differences: [],
    });
    expect(found?.roles).toEqual(SAME);
    await asAdmin("sark", "delete from sark_migrations.applied where name = '999999_later.sql'");
  });

  it("has a note, without the password, if the server cannot be reached", async () => {
    const [down] = await driftOf(outputs("sark", { port: 1 }));
    const unknown = { differences: [], note: "connect ECONNREFUSED 127.0.0.1:1" };
    expect(down).toEqual({ database: "sark", schema: unknown, roles: unknown });
    const [refused] = await driftOf(outputs("sark", {}, { password: "not-the-password" }));
    expect(refused?.schema.note).toContain(
      'password authentication failed for user "sark_monitor"',
    );
    expect(refused?.schema.note).not.toContain("not-the-password");
    const nobody = { ...outputs("sark"), logins: {} };
    expect(await driftOf(nobody)).toMatchObject([
      {
        schema: { note: "the stack has no monitor login for it" },
        roles: { note: "the stack has no monitor login for it" },
      },
    ]);
  });

  it("of a stack that does not exist is not checked", async () => {
    expect(await driftOf(undefined)).toEqual([]);
  });
});

describe("drift of sark_audit", () => {
  const settings = {
    chunkInterval: perHypertable((table) => HYPERTABLE_FACTS[table].migration.chunkInterval),
    dropAfter: {
      ...perHypertable((table) => HYPERTABLE_FACTS[table].migration.dropAfter),
      audit_events: "365 days",
    },
  };
  const retention = (age: string) =>
    asAdmin(
      "sark_audit",
      `select public.alter_job(job_id, config => jsonb_set(config, '{drop_after}', '"${age}"'))
         from timescaledb_information.jobs
        where proc_name = 'policy_retention' and hypertable_name = 'audit_events'`,
    );

  it("is empty with the stack's own hypertable settings", async () => {
    await up("sark_audit");
    await retention("365 days");
    const same = [{ database: "sark_audit", schema: SAME, roles: SAME }];
    expect(await driftOf(outputs("sark_audit", { hypertables: settings }))).toEqual(same);
    // Outputs of an earlier version lack these settings.
    expect(await driftOf(outputs("sark_audit"))).toEqual(same);
  });

  it("shows a hypertable setting that was changed by hand", async () => {
    await retention("7 days");
    const [found] = await driftOf(outputs("sark_audit", { hypertables: settings }));
    expect(found?.schema.differences).toMatchObject([
      {
        object: "hypertable public.audit_events",
        missing: [expect.stringContaining('"drop_after": "365 days"')],
        foreign: [expect.stringContaining('"drop_after": "7 days"')],
      },
    ]);
  });
});

describe.each(["sark", "sark_audit"] as const)("role drift of %s", (database) => {
  const owner = `${database}_owner`;
  const reader = `${database}_readonly_a`;

  it("is empty again after the undo statement of each difference was run", async () => {
    await asAdmin(
      database,
      `alter role ${reader} superuser;
       grant ${owner} to ${database}_monitor with admin option;
       alter role ${reader} set statement_timeout = '7s';
       alter role ${database}_app_a in database ${database} set lock_timeout = '9s';
       alter role ${database}_app_b in database ${database} reset lock_timeout;
       alter database ${database} set work_mem = '8MB';
       alter role all set "app.key" = 'hush';
       grant connect, temporary on database ${database} to public;
       grant connect on database postgres to public;
       grant connect on database ${database} to ${owner} with grant option;
       revoke connect on database ${database} from ${database}_writer;
       revoke ${database}_reader from ${reader};
       grant ${database}_writer to ${database}_app_a with admin option;
       alter default privileges for role ${owner} grant execute on functions to public;
       alter default privileges for role ${owner} in schema public grant insert on tables to ${reader};
       alter default privileges for role ${owner} in schema public revoke select on tables from ${database}_reader;
       create role "o'bob" login createdb;
       grant ${database}_writer to "o'bob";
       alter role ${database}_maintain connection limit 3 valid until '2030-01-01'`,
    );
    const [found] = await driftOf(outputs(database));
    const { differences = [] } = found?.roles ?? {};
    expect(differences.map(({ effect }) => effect)).toEqual([
      ...Array.from({ length: 11 }, () => "gained"),
      ...Array.from({ length: 3 }, () => "lost"),
      ...Array.from({ length: 7 }, () => "other"),
    ]);
    // Roles are dropped last, when they own nothing any more.
    const undo = differences.flatMap((each) => each.undo ?? []);
    for (const drop of [false, true]) {
      for (const statement of undo.filter((each) => each.startsWith("DROP") === drop)) {
        await asAdmin(database, statement);
      }
    }
    expect((await driftOf(outputs(database)))[0]?.roles).toEqual(SAME);
  });
});

describe("a parameter set by ALTER SYSTEM", () => {
  const reload = async () => {
    await asAdmin("sark", "select pg_reload_conf()");
    await new Promise((resolve) => setTimeout(resolve, 200));
  };

  it("is drift until it is reset", async () => {
    await asAdmin("sark", "alter system set log_min_duration_statement = '1s'");
    await reload();
    const [found] = await driftOf(outputs("sark"));
    expect(found?.roles.differences).toEqual([
      {
        effect: "other",
        text: "ALTER SYSTEM sets log_min_duration_statement = 1000 on the server and overrides the stack; reload the server after the reset",
        undo: "ALTER SYSTEM RESET log_min_duration_statement",
      },
    ]);
    await asAdmin("sark", found?.roles.differences[0]?.undo ?? "");
    await reload();
    expect((await driftOf(outputs("sark")))[0]?.roles).toEqual(SAME);
  });
});

describe("a server whose schema cannot be read", () => {
  it("still has its roles compared", async () => {
    await asAdmin("sark", "alter table sark_migrations.schema rename to hidden");
    await asAdmin("sark", "create view sark_migrations.schema as select 1 / 0 as dump");
    await asAdmin("sark", "grant select on sark_migrations.schema to sark_monitor");
    const [found] = await driftOf(outputs("sark"));
    expect(found?.schema.note).toContain("does not exist");
    expect(found?.roles).toEqual(SAME);
    await asAdmin("sark", "drop view sark_migrations.schema");
    await asAdmin("sark", "alter table sark_migrations.hidden rename to schema");
  });
});
