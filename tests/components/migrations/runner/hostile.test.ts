/**
 * A user without privileges, but with CREATE on schema public, plants functions and operators with the names of
 * built-in ones. They record each call and its role, and otherwise behave like the built-in ones.
 */
import { Client } from "pg";
import { applyMigrations } from "../../../../components/migrations/runner/run";
import { withClient } from "../../../../components/connections/provider-connection";
import { planFiles } from "../../../../components/migrations/plan/migration-files";
import { migrationFiles } from "../../../../scratch/migrated";
import { type ScratchPostgres, startScratchPostgres } from "../../../../scratch/scratch-postgres";
import { rolesSql } from "../../../../scratch/roles-sql";

const PINNED = "set search_path to pg_catalog, pg_temp";
const HIJACKABLE = "set search_path to public, pg_catalog";

/** Volatile, so that the record is kept; functions in indexes and checks must be declared immutable. */
const PLANTS = `
  create function public.planted(what text) returns void language plpgsql as $$
    begin
      insert into public.calls values (what, current_user);
    end $$;
  create function public.now() returns timestamptz language plpgsql as $$
    begin perform public.planted('now'); return pg_catalog.now(); end $$;
  create function public.clock_timestamp() returns timestamptz language plpgsql as $$
    begin perform public.planted('clock_timestamp'); return pg_catalog.clock_timestamp(); end $$;
  create function public.lower(text) returns text immutable strict language plpgsql as $$
    begin perform public.planted('lower'); return pg_catalog.lower($1); end $$;
  create function public.char_length(text) returns integer immutable strict language plpgsql as $$
    begin perform public.planted('char_length'); return pg_catalog.char_length($1); end $$;
  create function public.format(text, variadic text[]) returns text language plpgsql as $$
    begin perform public.planted('format'); return pg_catalog.format($1, variadic $2); end $$;
  create function public.unnest(text[]) returns setof text language plpgsql as $$
    begin perform public.planted('unnest'); return query select pg_catalog.unnest($1); end $$;
  create function public.current_setting(text) returns text language plpgsql as $$
    begin perform public.planted('current_setting'); return pg_catalog.current_setting($1); end $$;
  create function public.to_regclass(text) returns regclass language plpgsql as $$
    begin perform public.planted('to_regclass'); return pg_catalog.to_regclass($1); end $$;
  create function public.texteq(text, text) returns boolean language plpgsql as $$
    begin perform public.planted('='); return $1 operator(pg_catalog.=) $2; end $$;
  create operator public.= (function = public.texteq, leftarg = text, rightarg = text);
  create function public.textcat(text, text) returns text language plpgsql as $$
    begin perform public.planted('||'); return $1 operator(pg_catalog.||) $2; end $$;
  create operator public.|| (function = public.textcat, leftarg = text, rightarg = text);
  create function public.textmatch(text, text) returns boolean immutable strict language plpgsql as $$
    begin perform public.planted('~'); return $1 operator(pg_catalog.~) $2; end $$;
  create operator public.~ (function = public.textmatch, leftarg = text, rightarg = text);`;

let server: ScratchPostgres;
let databases = 0;
beforeAll(async () => {
  server = await startScratchPostgres({ preload: ["pg_stat_statements"] });
  await session("postgres", "postgres", (admin) => admin.query("create database prepared"));
  await session("prepared", "postgres", (admin) =>
    admin.query(rolesSql("sark", { password: server.password, onDatabase: false })),
  );
  await session("postgres", "postgres", (admin) => admin.query("create role mallory"));
});
afterAll(() => server.stop());

/** A session without a fixed search path, unless the work sets one. */
async function session<T>(
  database: string,
  user: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { host, port, password } = server;
  const client = new Client({ host, port, user, password, database });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A database as the layer leaves it, in which an attacker could create objects. */
async function plantedDatabase(): Promise<string> {
  const database = `planted_${String(++databases)}`;
  await session("postgres", "postgres", async (admin) => {
    await admin.query(`create database ${database} template prepared`);
    await admin.query(`grant create on database ${database} to sark_owner`);
  });
  await session(database, "postgres", async (admin) => {
    await admin.query(`
      grant usage, create on schema public to mallory;
      create table public.calls (what text, called_as name);
      grant usage on schema public to public;
      grant insert on public.calls to public`);
    await admin.query(`set role mallory; ${PLANTS}`);
    await admin.query("reset role");
    // Unless a session overrides it, public comes first in the search path.
    await admin.query(`alter database ${database} set search_path to public, pg_catalog`);
  });
  return database;
}

interface Harm {
  /** Recorded calls, with the role. */
  readonly calls: readonly string[];
  /** Indexes, checks and defaults that call a planted function from now on. */
  readonly uses: number;
}

async function harm(database: string): Promise<Harm> {
  return session(database, "postgres", async (admin) => {
    await admin.query("set search_path to pg_catalog");
    const calls = await admin.query<{ call: string }>(
      "select distinct what || ' by ' || called_as as call from public.calls order by 1",
    );
    const uses = await admin.query<{ count: number }>(
      `select count(*)::integer
         from pg_depend as d
         join pg_proc as p on d.refclassid = 'pg_proc'::regclass and d.refobjid = p.oid
        where p.proowner = 'mallory'::regrole
          and d.classid not in ('pg_operator'::regclass, 'pg_proc'::regclass)`,
    );
    return { calls: calls.rows.map(({ call }) => call), uses: uses.rows[0]?.count ?? -1 };
  });
}

const NO_HARM: Harm = { calls: [], uses: 0 };
const OPTIONS = { owner: "sark_owner", ledgerReaders: ["sark_reader"], schema: "the dump" };
const EXTENSIONS = [
  { name: "pg_trgm", preload: false },
  { name: "pg_stat_statements", preload: true },
];

it("planted functions are never called by a run of all migrations or a second run, nor used by new objects", async () => {
  const database = await plantedDatabase();
  const files = migrationFiles("sark");
  const { host, port, password } = server;
  const connection = { host, port, password, database, user: "sark_migrate" };
  const run = (): Promise<readonly string[]> =>
    withClient({ ...connection, sslMode: "disable" }, (client) =>
      applyMigrations(client, files, { ...OPTIONS, extensions: EXTENSIONS }),
    );
  expect(await run()).toHaveLength(files.length);
  expect(await run()).toEqual([]);
  expect(await harm(database)).toEqual(NO_HARM);
});

it("planted functions are never called by a superuser's run that waits, fails and cleans up", async () => {
  const database = await plantedDatabase();
  const texts = {
    "000001_a.sql": "create table public.a (id text); insert into public.a values ('x'), ('x');",
    "000002_i.sql":
      "--! no-transaction\n--! lock_timeout 100ms\ncreate unique index concurrently i on public.a (id);",
  };
  const owner = { ...OPTIONS, owner: "postgres", lockTries: 2, lockPauseMs: 10 };
  const run = (): Promise<readonly string[]> =>
    session(database, "postgres", (client) => applyMigrations(client, planFiles(texts), owner));
  await expect(run()).rejects.toThrow("could not create unique index");
  await session(database, "postgres", async (writer) => {
    await writer.query("begin; insert into public.a values ('y')");
    await expect(run()).rejects.toThrow("lock-timeout");
  });
  expect(await harm(database)).toEqual(NO_HARM);
});

it("planted functions are called when the same files run with the database's search path", async () => {
  const database = await plantedDatabase();
  const run = session(database, "sark_migrate", (client) => {
    // The real runner without its fixed search path.
    const query = client.query.bind(client) as (
      text: unknown,
      values?: unknown[],
    ) => Promise<unknown>;
    const unpinned = (text: unknown, values?: unknown[]): Promise<unknown> =>
      query(typeof text === "string" ? text.replace(PINNED, HIJACKABLE) : text, values);
    Object.assign(client, { query: unpinned });
    return applyMigrations(client, migrationFiles("sark"), OPTIONS);
  });
  await run.catch(() => undefined);
  const { calls, uses } = await harm(database);
  expect(calls.filter((call) => call.endsWith("by sark_owner"))).not.toEqual([]);
  expect(uses).toBeGreaterThan(0);
});

it("planted functions are all called by name when they come first in the search path", async () => {
  const database = await plantedDatabase();
  await session(database, "postgres", async (admin) => {
    await admin.query(HIJACKABLE);
    await admin.query(
      `select now(), clock_timestamp(), lower('A'::text), char_length('a'::text),
              format('%s'::text, 'a'::text), current_setting('role'::text), to_regclass('x'::text),
              'a'::text = 'b'::text, 'a'::text || 'b'::text, 'a'::text ~ 'b'::text
         from unnest(array['x'::text])`,
    );
  });
  expect((await harm(database)).calls).toEqual(
    [
      "=",
      "char_length",
      "clock_timestamp",
      "current_setting",
      "format",
      "lower",
      "now",
      "to_regclass",
      "unnest",
      "||",
      "~",
    ].map((what) => `${what} by postgres`),
  );
});
