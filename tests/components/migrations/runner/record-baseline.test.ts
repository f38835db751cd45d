/** Adopts databases made by others: a real server with the schema of the files and without their ledger. */
import { Client } from "pg";
import { readSchema } from "../../../../components/database-layer/catalog";
import {
  adoptDatabase,
  type BaselineOptions,
  SchemaDiffersError,
} from "../../../../components/migrations/runner/record-baseline";
import { LEDGER_SCHEMA, readTargets } from "../../../../components/migrations/runner/ledger";
import { readRecordedSchema } from "../../../../components/migrations/runner/recorded-schema";
import { applyMigrations } from "../../../../components/migrations/runner/run";
import { MigrationError } from "../../../../components/migrations/plan/errors";
import type { SchemaDifference } from "../../../../components/database-layer/plan/schema-diff";
import { migratedSark, migrationFiles, type TestServer } from "../../../../scratch/migrated";

jest.setTimeout(120_000);

const files = migrationFiles("sark");
const names = files.map(({ name }) => name);
let server: TestServer;
/** Login on the database that the copies are made from. */
let schema: string;
let main: Client;
let copies = 0;

beforeAll(async () => {
  server = await migratedSark();
  schema = await readSchema(await server.connect("postgres"));
  main = await server.connect("postgres", "postgres");
  await main.query(
    "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = 'sark'",
  );
});
afterAll(() => server.stop());

/** A database as others may have made it, owned by the superuser. */
async function copy(): Promise<Client> {
  const name = `copy_${String(++copies)}`;
  await main.query(`create database ${name} template sark`);
  await main.query(`grant create on database ${name} to sark_owner`);
  return server.connect("postgres", name);
}

/** As the migration login, in its own session. */
async function adopt(admin: Client, more: Partial<BaselineOptions> = {}) {
  const client = await server.connect("sark_migrate", admin.database);
  try {
    return await adoptDatabase(client, files, {
      owner: "sark_owner",
      ledgerReaders: ["sark_monitor"],
      extensions: [{ name: "pg_trgm", preload: false }],
      schema,
      confirm: () => Promise.resolve(true),
      ...more,
    });
  } finally {
    await client.end();
  }
}

async function refusal(admin: Client, more: Partial<BaselineOptions> = {}) {
  const result: unknown = await adopt(admin, more).catch((error: unknown) => error);
  if (result instanceof MigrationError) return result;
  throw new Error(`it was not refused, but ended with ${String(result)}`);
}

async function differencesOf(admin: Client, more: Partial<BaselineOptions> = {}) {
  const error = await refusal(admin, more);
  if (error instanceof SchemaDiffersError) return error.differences;
  throw error;
}

/** One value of one row. */
async function valueOf(admin: Client, sql: string): Promise<unknown> {
  const { rows } = await admin.query<{ value: unknown }>(`select (${sql}) as value`);
  return rows[0]?.value;
}
const hasLedger = (admin: Client) =>
  valueOf(admin, `to_regnamespace('${LEDGER_SCHEMA}') is not null`);

describe("adopting a database with another schema", () => {
  const changed = (
    object: string,
    missing: readonly string[],
    foreign: readonly string[],
  ): readonly SchemaDifference[] => [{ object, kind: "changed", missing, foreign }];
  const index =
    "index CREATE INDEX servers_tags_idx ON public.servers USING gin (tags jsonb_path_ops)";

  it.each<[string, string, readonly SchemaDifference[]]>([
    [
      "a missing index",
      "drop index public.servers_tags_idx",
      changed("table public.servers", [index], []),
    ],
    [
      "an extra column",
      "alter table public.sessions add column device text",
      changed("table public.sessions", [], ["column device text"]),
    ],
    [
      "another body of a function",
      `create or replace function public.touch_updated_at() returns trigger language plpgsql
         set search_path to pg_catalog, pg_temp
         as $function$\nbegin\n  new.updated_at := clock_timestamp();\n  return new;\nend;\n$function$`,
      changed(
        "function public.touch_updated_at()",
        ["  new.updated_at := now();"],
        ["  new.updated_at := clock_timestamp();"],
      ),
    ],
    [
      "another owner",
      "alter table public.users owner to postgres",
      changed("table public.users", ["owner sark_owner"], ["owner postgres"]),
    ],
    [
      "a missing grant",
      "revoke select on public.policies from sark_reader",
      changed("table public.policies", ["grant SELECT to sark_reader"], []),
    ],
    [
      "lacking and extra objects",
      `drop function public.delete_idle_rate_limits(integer);
       create schema others; create table others.things (id integer)`,
      [
        {
          object: "function public.delete_idle_rate_limits(batch_size integer)",
          kind: "missing",
          missing: [],
          foreign: [],
        },
        { object: "schema others", kind: "foreign", missing: [], foreign: [] },
        { object: "table others.things", kind: "foreign", missing: [], foreign: [] },
      ],
    ],
  ])(
    "is rejected for %s, with the difference and without creating a ledger",
    async (_what, change, found) => {
      const admin = await copy();
      await admin.query(change);
      const error = await refusal(admin);
      expect([error.code, await differencesOf(admin)]).toEqual(["schema-differs", found]);
      for (const { object, missing, foreign } of found) {
        for (const text of [object, ...missing, ...foreign]) expect(error.message).toContain(text);
      }
      expect(await hasLedger(admin)).toBe(false);
    },
  );

  it("is rejected when the schema changed during confirmation", async () => {
    const admin = await copy();
    const confirm = async () => {
      await admin.query("drop index public.servers_tags_idx");
      return true;
    };
    expect(await differencesOf(admin, { confirm })).toEqual(
      changed("table public.servers", [index], []),
    );
    expect(await hasLedger(admin)).toBe(false);
  });

  it("creates no ledger when recording fails", async () => {
    const admin = await copy();
    // The dump is recorded last, and its table is incompatible here.
    await admin.query(`create schema ${LEDGER_SCHEMA} authorization sark_owner;
                       create table ${LEDGER_SCHEMA}.schema (id integer)`);
    await expect(adopt(admin, { ledgerReaders: [] })).rejects.toThrow(
      'column "dump" of relation "schema" does not exist',
    );
    expect(await valueOf(admin, `to_regclass('${LEDGER_SCHEMA}.applied') is null`)).toBe(true);
  });

  it("is rejected before the comparison when the server lacks an extension", async () => {
    const extensions = [{ name: "postgis", preload: false }];
    expect((await refusal(await copy(), { extensions })).code).toBe("extension-missing");
  });
});

describe("adopting a database with the schema of the files", () => {
  let admin: Client;
  beforeAll(async () => {
    admin = await copy();
  });

  it("changes nothing when the answer is no", async () => {
    expect(await adopt(admin, { confirm: () => Promise.resolve(false) })).toBeUndefined();
    expect(await hasLedger(admin)).toBe(false);
  });

  it("records all files and the dump, and nothing is pending", async () => {
    const asked: string[][] = [];
    const recorded = await adopt(admin, {
      confirm: (missing) => {
        asked.push(missing.map(({ name }) => name));
        return Promise.resolve(true);
      },
    });
    expect([recorded, asked]).toEqual([names, [names]]);
    const monitor = await server.connect("sark_monitor", admin.database);
    expect(await readRecordedSchema(monitor)).toEqual({ dump: schema, files: names });
    const client = await server.connect("sark_migrate", admin.database);
    const roles = { owner: "sark_owner", ledgerReaders: ["sark_monitor"] };
    expect(await applyMigrations(client, files, roles)).toEqual([]);
    expect(await readSchema(admin, [LEDGER_SCHEMA])).toBe(schema);
    expect(
      await valueOf(
        admin,
        `select string_agg(distinct tableowner, ' ') from pg_tables where schemaname = '${LEDGER_SCHEMA}'`,
      ),
    ).toBe("sark_owner");
  });

  it("can be repeated and records nothing twice", async () => {
    expect(await adopt(admin)).toEqual([]);
    expect(await readTargets(admin)).toHaveLength(1);
  });

  it("records the new database after a move", async () => {
    await admin.query(`update ${LEDGER_SCHEMA}.targets set system_identifier = '1'`);
    expect(await adopt(admin)).toEqual([]);
    const here = await valueOf(admin, "select system_identifier::text from pg_control_system()");
    const places = await readTargets(admin);
    expect(places.map(({ systemIdentifier }) => systemIdentifier)).toEqual(["1", here]);
  });

  it("is rejected when the ledger has other content for a file", async () => {
    const [, second] = files;
    const write = (hash: string | undefined) =>
      admin.query(`update ${LEDGER_SCHEMA}.applied set hash = $1 where name = $2`, [
        hash,
        second?.name,
      ]);
    await write("other");
    expect((await refusal(admin)).code).toBe("edited");
    await write(second?.hash);
  });

  it("is rejected when the ledger has only some of the files, which the runner must complete", async () => {
    const last = String(names.at(-1));
    await admin.query(`delete from ${LEDGER_SCHEMA}.applied where name = $1`, [last]);
    const error = await refusal(admin);
    expect([error.code, error.message]).toEqual([
      "ledger-differs",
      expect.stringContaining(last) as string,
    ]);
    expect(await valueOf(admin, `select count(*)::integer from ${LEDGER_SCHEMA}.applied`)).toBe(
      names.length - 1,
    );
  });
});
