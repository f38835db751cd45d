import { Client } from "pg";
import { applyMigrations } from "../../../components/database/migration-runner";
import {
  type ConnectionInput,
  withClient,
} from "../../../components/database/providers/connection";
import { MigrationError, planFiles } from "../../../components/lib/migration-plan";
import { type ScratchPostgres, startScratchPostgres } from "../../support/postgres";

let server: ScratchPostgres;
let databases = 0;

beforeAll(async () => {
  server = await startScratchPostgres();
  await asAdmin("postgres", (client) => client.query("create role owner; create role reader"));
});
afterAll(() => server.stop());

const connection = (database: string): ConnectionInput => ({
  host: server.host,
  port: server.port,
  database,
  user: server.user,
  password: server.password,
  sslMode: "disable",
});
const asAdmin = <T>(database: string, work: (client: Client) => Promise<T>) =>
  withClient(connection(database), work);

/** A database of the test's own, in which the owner may create. */
async function emptyDatabase(): Promise<string> {
  const name = `scratch_${String(++databases)}`;
  await asAdmin("postgres", (client) => client.query(`create database ${name} owner owner`));
  return name;
}

const options = { owner: "owner", ledgerReaders: ["reader"] };
const migrate = (database: string, texts: Record<string, string>) =>
  asAdmin(database, (client) => applyMigrations(client, planFiles(texts), options));
const column = async (database: string, sql: string) =>
  (await asAdmin(database, (client) => client.query<{ value: unknown }>(sql))).rows.map(
    (row) => row.value,
  );

const first = { "000001_a.sql": "create table public.a (id int);" };
const second = {
  "000002_b.sql": "create table public.b (id int); insert into public.a values (1);",
};

it("applies each file once, in order, as the owner", async () => {
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

it("leaves nothing of a file that fails, and goes on from there once it is mended", async () => {
  const database = await emptyDatabase();
  const broken = { "000002_b.sql": "create table public.b (id int); select 1 / 0;" };

  await expect(migrate(database, { ...first, ...broken })).rejects.toThrow(
    "000002_b.sql: division by zero",
  );
  expect(await column(database, "select to_regclass('public.b') as value")).toEqual([null]);

  expect(await migrate(database, { ...first, ...second })).toEqual(["000002_b.sql"]);
});

it("runs a file outside of a transaction when the file says so", async () => {
  const database = await emptyDatabase();
  const concurrent = {
    "000002_b.sql":
      "--! no-transaction\ncreate index concurrently if not exists a_id on public.a (id);",
  };
  await migrate(database, { ...first, ...concurrent });
  expect(
    await column(
      database,
      "select indisvalid as value from pg_index where indexrelid = 'public.a_id'::regclass",
    ),
  ).toEqual([true]);
});

it("gives up on a lock after the file's own lock_timeout", async () => {
  const database = await emptyDatabase();
  await migrate(database, first);
  const alter = {
    "000002_b.sql": "--! lock_timeout 200ms\nalter table public.a add column b int;",
  };

  await asAdmin(database, async (reader) => {
    await reader.query("begin; lock table public.a in access share mode");
    await expect(migrate(database, { ...first, ...alter })).rejects.toThrow("lock timeout");
  });
  expect(await migrate(database, { ...first, ...alter })).toEqual(["000002_b.sql"]);
});

it("refuses, before anything is changed, an applied file that was edited", async () => {
  const database = await emptyDatabase();
  await migrate(database, first);
  const edited = { "000001_a.sql": "create table public.a (id bigint);", ...second };

  const refused = migrate(database, edited);
  await expect(refused).rejects.toBeInstanceOf(MigrationError);
  await expect(refused).rejects.toThrow("000001_a.sql was applied with other content");
  expect(await column(database, "select to_regclass('public.b') as value")).toEqual([null]);
});

it("applies each file exactly once when eight runs start together", async () => {
  const database = await emptyDatabase();
  const texts = { ...first, ...second };

  const applied = await Promise.all(Array.from({ length: 8 }, () => migrate(database, texts)));

  expect(applied.flat()).toEqual(["000001_a.sql", "000002_b.sql"]);
  expect(await column(database, "select count(*)::int as value from public.a")).toEqual([1]);
});

it("shows the ledger to its readers, who cannot change it", async () => {
  const database = await emptyDatabase();
  await migrate(database, first);
  await asAdmin(database, async (client) => {
    await client.query("set role reader");
    const { rows } = await client.query("select name from sark_migrations.applied");
    expect(rows).toEqual([{ name: "000001_a.sql" }]);
    await expect(client.query("delete from sark_migrations.applied")).rejects.toThrow(
      "permission denied",
    );
  });
});
