import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Client } from "pg";
import { makeRecord } from "../../../components/backups/make-record";
import {
  type BackupRecord,
  compareRecords,
  readRecord,
} from "../../../components/backups/plan/record";
import { migratedSark, SQL_FOLDER, type TestServer } from "../../../scratch/migrated";
import { postgresPrograms } from "../../support/postgres-programs";

jest.setTimeout(60_000);

const psql = postgresPrograms();

describe("a record of sark", () => {
  let server: TestServer;
  let admin: Client;
  let maintain: Client;
  beforeAll(async () => {
    server = await migratedSark();
    admin = await server.connect("postgres");
    maintain = await server.connect("sark_maintain");
    await admin.query(`
      create table public.parts (id integer, at timestamptz default now()) partition by range (id);
      create table public.parts_1 partition of public.parts for values from (0) to (100);
      insert into public.parts select n, '2001-02-03 04:05:06.5+00' from generate_series(1, 10) as n;
      create unlogged table public.forgotten (id integer);
      insert into public.forgotten values (1);
      alter table public.parts owner to sark_owner; alter table public.parts_1 owner to sark_owner;
      insert into public.users (username, email)
      select 'user-' || n, 'user-' || n || '@example.com' from generate_series(1, 50) as n`);
  });
  afterAll(() => server.stop());

  const of = (record: BackupRecord, table: string) =>
    record.tables.find((each) => each.table === table);

  test("has the rows of every table but unlogged ones, whatever the session's settings, also for the maintenance login", async () => {
    const record = await makeRecord(admin);
    expect(record).toMatchObject({ database: "sark", exact: true });
    expect(record.lsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
    expect(record.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const { rows } = await admin.query<{ newest: Date; id: string }>(
      "select max(created_at) as newest, (select system_identifier::text from pg_control_system()) as id from users",
    );
    expect(new Date(record.newest ?? "")).toEqual(rows[0]?.newest);
    expect(record.systemIdentifier).toBe(rows[0]?.id);
    expect(of(record, "public.users")?.rows).toBe(50);
    expect(of(record, "public.parts")?.rows).toBe(10);
    const names = record.tables.map(({ table }) => table);
    expect(names).toEqual([...names].sort());
    for (const name of ["public.parts_1", "public.forgotten", "public.rate_limits"]) {
      expect(names).not.toContain(name);
    }

    await maintain.query(
      "set timezone = 'Asia/Tokyo'; set datestyle = 'German'; set bytea_output = 'escape'; set extra_float_digits = 0",
    );
    const other = await makeRecord(maintain);
    expect(other.tables).toEqual(record.tables);
    expect(other.newest).toBe(record.newest);
  });

  test("fails instead of leaving out rows that a policy hides", async () => {
    await admin.query(
      `create role stranger login password '${server.password}'; grant pg_read_all_data to stranger; grant connect on database sark to stranger`,
    );
    const stranger = await server.connect("stranger");
    await expect(makeRecord(stranger)).rejects.toThrow(/row-level security/);
  });

  test("shows a changed row and a missing one, and not their order", async () => {
    const record = await makeRecord(admin);
    await admin.query(
      "with gone as (delete from public.parts where id < 5 returning *) insert into public.parts select * from gone",
    );
    expect(compareRecords(record, (await makeRecord(admin)).tables)).toEqual([]);
    await admin.query("update public.parts set id = 11 where id = 3");
    expect(compareRecords(record, (await makeRecord(admin)).tables)).toEqual([
      { table: "public.parts", detail: "10 rows, but not the same ones" },
    ]);
    await admin.query("delete from public.parts where id = 11");
    expect(compareRecords(record, (await makeRecord(admin)).tables)).toEqual([
      { table: "public.parts", detail: "1 of 10 rows missing" },
    ]);
  });

  test("is exact beside an open transaction, whose rows it leaves out", async () => {
    const writer = await server.connect("postgres");
    await writer.query("begin; insert into public.parts values (20)");
    const record = await makeRecord(maintain, 0);
    await writer.query("rollback");
    expect([record.exact, of(record, "public.parts")?.rows]).toEqual([true, 9]);
  });

  test("waits for a transaction that may be about to commit, and says so if it does not end", async () => {
    const writer = await server.connect("postgres");
    const slow = writer.query("insert into public.parts values (20); select pg_sleep(3600)");
    for (let running = false; !running;) {
      const { rows } = await admin.query(
        "select from pg_locks where locktype = 'transactionid' and pid <> pg_backend_pid()",
      );
      running = rows.length > 0;
    }
    expect((await makeRecord(admin, 0)).exact).toBe(false);
    const waiting = makeRecord(maintain, 60_000);
    await admin.query(
      "select pg_cancel_backend(pid) from pg_locks where locktype = 'transactionid'",
    );
    await expect(slow).rejects.toThrow("canceling");
    expect((await waiting).exact).toBe(true);
  });

  test("under writers that never pause, has the rows of one moment: all of a transaction's or none", async () => {
    await admin.query("truncate public.parts");
    const writers = await Promise.all([1, 2].map(() => server.connect("postgres")));
    let stop = false;
    const writing = writers.map(async (writer) => {
      while (!stop) {
        await writer.query(
          "begin; insert into public.parts values (1); insert into public.parts values (2); commit",
        );
      }
    });
    try {
      for (let n = 0; n < 5; n += 1) {
        const record = await makeRecord(admin, 50);
        expect((of(record, "public.parts")?.rows ?? 1) % 2).toBe(0);
      }
    } finally {
      stop = true;
      await Promise.all(writing);
    }
  });

  (psql === undefined ? test.skip : test)("is the same when psql makes it", async () => {
    const script = String.raw`
\set writers ${"`"}cat writers.sql${"`"}
\set prepare ${"`"}cat record-statement.sql${"`"}
:writers \gset
begin isolation level repeatable read read only;
:prepare \gset
:statement \gset
commit;
select :'before' = :'lsn' and :writers = 0 as exact \gset
\echo :exact :record
`;
    const { stdout, stderr } = spawnSync(
      join(psql ?? "", "psql"),
      [
        "-X",
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        `host=127.0.0.1 port=${server.port} user=postgres dbname=sark`,
      ],
      {
        input: script,
        encoding: "utf8",
        cwd: join(SQL_FOLDER, "backups"),
        env: { ...process.env, PGPASSWORD: server.password },
      },
    );
    expect(stderr).toBe("");
    const [, exact, json = ""] = /^(t|f) (.*)$/m.exec(stdout) ?? [];
    const { tables, newest, database } = readRecord(json, exact === "t");
    expect({ tables, newest, database }).toEqual(
      (({ tables, newest, database }) => ({ tables, newest, database }))(await makeRecord(admin)),
    );
  });
});
