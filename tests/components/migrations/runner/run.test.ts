import { applyMigrations } from "../../../../components/migrations/runner/run";
import { planFiles } from "../../../../components/migrations/plan/migration-files";
import {
  type MigrationScratch,
  OPTIONS,
  refusal,
  sentence,
  startMigrationScratch,
} from "../../../support/migration-scratch";

let scratch: MigrationScratch;
beforeAll(async () => {
  scratch = await startMigrationScratch();
});
afterAll(() => scratch.server.stop());

const first = { "000001_a.sql": "create table public.a (id int);" };
const second = {
  "000002_b.sql": "create table public.b (id int); insert into public.a values (1);",
};

it("migration runner applies each file once, in order, as the owner", async () => {
  const { emptyDatabase, migrate, column } = scratch;
  const database = await emptyDatabase();

  expect(await migrate(database, first)).toEqual(["000001_a.sql"]);
  expect(await migrate(database, { ...first, ...second })).toEqual(["000002_b.sql"]);
  expect(await migrate(database, { ...first, ...second })).toEqual([]);

  expect(await column(database, "select count(*)::int as value from public.a")).toEqual([1]);
  expect(
    await column(
      database,
      "select distinct tableowner as value from pg_tables where schemaname = 'public'",
    ),
  ).toEqual(["owner"]);
});

it("migration runner rolls back a failed file and resumes once it is fixed", async () => {
  const { emptyDatabase, migrate, column } = scratch;
  const database = await emptyDatabase();
  const broken = { "000002_b.sql": "create table public.b (id int);\n\n-- oh\nselect 1 / 0;" };

  expect(await refusal(migrate(database, { ...first, ...broken }))).toMatch(
    sentence("failed", "000002_b.sql:4: division by zero; nothing of the file was applied"),
  );
  expect(await column(database, "select to_regclass('public.b') as value")).toEqual([null]);

  expect(await migrate(database, { ...first, ...second })).toEqual(["000002_b.sql"]);
});

it("migration runner reports the line of a failure after any characters", async () => {
  const { emptyDatabase, migrate } = scratch;
  const text = "-- ä😀\nselect 'ä€😀',\n  -- é\n  '😀' as x,\n  nowhere.column_of;\n";
  const database = await emptyDatabase();
  expect(await refusal(migrate(database, { "000001_a.sql": text }))).toMatch(
    sentence("failed", "000001_a.sql:5: missing FROM-clause"),
  );
});

it("migration runner shows no row values when a statement fails", async () => {
  const { emptyDatabase, migrate } = scratch;
  const twice =
    "create table public.a (mail text unique); insert into public.a values ('x@y.z'), ('x@y.z');";
  const message = await refusal(migrate(await emptyDatabase(), { "000001_a.sql": twice }));
  expect(message).toMatch(sentence("failed", "duplicate key"));
  expect(message).not.toContain("x@y.z");
});

it("migration runner parses all pending files before it applies the first", async () => {
  const { emptyDatabase, migrate, column } = scratch;
  const database = await emptyDatabase();
  const wrong = { "000002_b.sql": "create tabel public.b (id int);" };
  expect(await refusal(migrate(database, { ...first, ...wrong }))).toMatch(
    sentence("syntax", "000002_b.sql:1: "),
  );
  expect(await column(database, "select to_regclass('public.a') as value")).toEqual([null]);
});

it("migration runner records a file as the owner, even if the file changes the role", async () => {
  const { emptyDatabase, migrate, session } = scratch;
  const database = await emptyDatabase();
  await session("postgres", (client) =>
    client.query("create role witness; grant witness to migrator"),
  );
  await session(database, (client) =>
    client.query("grant usage, create on schema public to witness"),
  );
  const texts = {
    "000001_a.sql": "--! role witness\ncreate table public.a (id int);",
    "000002_b.sql": "create table public.b (id int); set role witness;",
    "000003_c.sql": "create table public.c (id int);",
  };
  expect(await migrate(database, texts)).toEqual(Object.keys(texts));
  expect(
    await scratch.column(
      database,
      "select tablename || ' ' || tableowner as value from pg_tables where schemaname = 'public' order by 1",
    ),
  ).toEqual(["a witness", "b owner", "c owner"]);
});

it("migration runner rejects an edited applied file before any change", async () => {
  const { emptyDatabase, migrate, column } = scratch;
  const database = await emptyDatabase();
  await migrate(database, first);
  const edited = { "000001_a.sql": "create table public.a (id bigint);", ...second };

  expect(await refusal(migrate(database, edited))).toMatch(
    sentence("edited", "000001_a.sql was edited after it was applied", "restore it"),
  );
  expect(await column(database, "select to_regclass('public.b') as value")).toEqual([null]);
});

it("migration runner ignores line endings, and rejects any other edit of an applied file", async () => {
  const { emptyDatabase, migrate } = scratch;
  const database = await emptyDatabase();
  const text = "create table public.a (\n  id int\n);\n";
  const applied = (changed: string) => migrate(database, { "000001_a.sql": changed });
  await applied(text);

  expect(await applied(text.replaceAll("\n", "\r\n"))).toEqual([]);
  for (const changed of [`\uFEFF${text}`, `${text} `, text.replace("int", "INT"), text.trim()]) {
    expect(await refusal(applied(changed))).toMatch(sentence("edited", "000001_a.sql"));
  }
});

it("migration runner rejects a folder without an applied file, or with a new file before it", async () => {
  const { emptyDatabase, migrate } = scratch;
  const database = await emptyDatabase();
  await migrate(database, { "000002_b.sql": "create table public.b (id int);" });
  expect(await refusal(migrate(database, {}))).toMatch(
    sentence("missing", "000002_b.sql was applied", "restore the file"),
  );
  expect(
    await refusal(
      migrate(database, { ...first, "000002_b.sql": "create table public.b (id int);" }),
    ),
  ).toMatch(sentence("out-of-order", "000001_a.sql sorts before 000002_b.sql", "next free number"));
});

it("migration runner applies each file exactly once when several runs start together", async () => {
  const { emptyDatabase, migrate, column } = scratch;
  const database = await emptyDatabase();
  const texts = { ...first, ...second };

  const applied = await Promise.all(Array.from({ length: 4 }, () => migrate(database, texts)));

  expect(applied.flat()).toEqual(["000001_a.sql", "000002_b.sql"]);
  expect(await column(database, "select count(*)::int as value from public.a")).toEqual([1]);
});

it("migration ledger is visible to its readers, who cannot change it", async () => {
  const { emptyDatabase, migrate, session } = scratch;
  const database = await emptyDatabase();
  await migrate(database, first);
  await session(database, async (client) => {
    await client.query("set role reader");
    const { rows } = await client.query("select name from sark_migrations.applied");
    expect(rows).toEqual([{ name: "000001_a.sql" }]);
    await expect(client.query("delete from sark_migrations.applied")).rejects.toThrow(
      "permission denied",
    );
  });
});

it("migration runner resets all settings before the next file", async () => {
  const { emptyDatabase, migrate, column } = scratch;
  const database = await emptyDatabase();
  const texts = {
    "000001_a.sql": `set search_path to public; set statement_timeout to '1h'; set lock_timeout to '1h';
      set datestyle to 'German';`,
    "000002_b.sql": `--! lock_timeout 3s\n--! statement_timeout 7s
      create table public.b as select name, setting as value from pg_settings
        where name in ('search_path', 'statement_timeout', 'DateStyle');`,
  };
  await migrate(database, texts);
  expect(await column(database, "select value from public.b order by name")).toEqual([
    "ISO, MDY",
    "pg_catalog, pg_temp",
    "7000",
  ]);
});

it("migration runner sends little more than one query per statement of a long file", async () => {
  const { emptyDatabase, migrate, session } = scratch;
  const database = await emptyDatabase();
  await migrate(database, first);
  const COUNT = 500;
  const long = "insert into public.a values (1);\n".repeat(COUNT);
  const sent: string[] = [];
  // A clock that advances by a millisecond at each reading.
  let now = 0;
  const clock = jest.spyOn(Date, "now").mockImplementation(() => (now += 1));
  try {
    await session(
      database,
      async (client) => {
        const query = jest.spyOn(client, "query") as unknown as jest.SpyInstance<
          unknown,
          [unknown]
        >;
        await applyMigrations(client, planFiles({ ...first, "000002_b.sql": long }), OPTIONS);
        sent.push(...query.mock.calls.map(([text]) => String(text)));
      },
      "migrator",
    );
  } finally {
    clock.mockRestore();
  }
  const limits = sent.filter((text) => text.startsWith("set local lock_timeout"));
  expect(sent.filter((text) => text.startsWith("insert into public.a")).length).toBe(COUNT);
  // The rest of the two seconds is sent to the server when it has dropped by 20 ms.
  expect(limits.length).toBeGreaterThan(COUNT / 40);
  expect(limits.length).toBeLessThan(COUNT / 10);
});

it.each([
  ["a function", "select f(1)", "function f(integer) does not exist"],
  ["a type", "select null::mood", 'type "mood" does not exist'],
])(
  "migration runner explains the search path when an unqualified name is not found: %s",
  async (_, sql, why) => {
    const { emptyDatabase, migrate } = scratch;
    const message = await refusal(migrate(await emptyDatabase(), { "000001_a.sql": sql }));
    expect(message).toBe(
      `failed: 000001_a.sql:1: ${why}. The search path is pg_catalog only: qualify each name with its schema, such as public.f; nothing of the file was applied`,
    );
  },
);

it("migration runner does not explain the search path when a file sets its own", async () => {
  const { emptyDatabase, migrate } = scratch;
  const texts = { "000001_a.sql": "set local search_path = public; select from b;" };
  expect(await refusal(migrate(await emptyDatabase(), texts))).toBe(
    'failed: 000001_a.sql:1: relation "b" does not exist; nothing of the file was applied',
  );
});
