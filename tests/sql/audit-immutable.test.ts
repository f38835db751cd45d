/**
 * Only the retention job can delete audit rows, and nobody can change or back-date them: the error that each login
 * gets.
 */
import { type Hypertable, HYPERTABLES } from "../../components/hypertables/plan/hypertable-facts";
import { rolePlan } from "../../components/roles/plan/role-plan";
import { DENIED, sqlStateOf, RESTRICT_VIOLATION } from "../support/expect-sql";
import { insertInto, rowOf } from "../support/hypertable-rows";
import { migratedAudit } from "../support/migrated-audit";
import type { TestTimescale } from "../support/timescale-thread";

jest.setTimeout(120_000);

let db: TestTimescale;
/** By table: an uncompressed chunk, a compressed chunk, and the internal table that holds its compressed columns. */
const chunks = new Map<string, { plain: string; compressed: string; inner: string }>();

/** Logins with a password, both roles of a pair. */
const LOGINS = rolePlan("sark_audit", 1)
  .roles.filter(({ purpose, active }) => purpose !== undefined && active)
  .map(({ name }) => name);

beforeAll(async () => {
  db = await migratedAudit();
  for (const table of HYPERTABLES) {
    await db.query(`${insertInto(table, "now() - interval '20 days'")}; ${insertInto(table)}`);
    const [old, young] = await db.rows(
      `select format('%s', c) as name from public.show_chunks('public.${table}') as c order by c`,
    );
    await db.query(`select public.compress_chunk('${String(old?.["name"])}')`);
    const [inner] = await db.rows(
      `select format('%I.%I', i.schema_name, i.table_name) as name
         from _timescaledb_catalog.chunk as c join _timescaledb_catalog.chunk as i on i.id = c.compressed_chunk_id
        where format('%I.%I', c.schema_name, c.table_name) = $1`,
      [old?.["name"]],
    );
    chunks.set(table, {
      plain: String(young?.["name"]),
      compressed: String(old?.["name"]),
      inner: String(inner?.["name"]),
    });
  }
});

afterAll(() => db.close());

/** Runs a statement as a newly connected login, in a transaction that is rolled back. */
async function as(login: string, statement: string): Promise<string> {
  await db.query(`begin; set local role ${login}`);
  const result = await sqlStateOf(db.query(statement));
  await db.query("rollback");
  return result;
}

const count = async (table: string): Promise<unknown> =>
  (await db.rows(`select count(*)::int as n from public.${table}`))[0]?.["n"];

/** Statements that rewrite, delete or back-date rows of one table. */
function attempts(table: Hypertable): readonly string[] {
  const at = chunks.get(table);
  if (at === undefined) throw new Error(`no chunks of ${table}`);
  const places = [`public.${table}`, at.plain, at.compressed, at.inner];
  return [
    ...[`public.${table}`, at.plain, at.compressed].map(
      (place) => `update ${place} set time = time`,
    ),
    `update ${at.inner} set _ts_meta_count = 0`,
    ...places.map((place) => `delete from ${place}`),
    ...places.map((place) => `truncate ${place}`),
    ...places.map((place) => `drop table ${place}`),
    ...places.map((place) => `alter table ${place} disable trigger all`),
    ...places.map((place) => `alter table ${place} add column mine integer`),
    insertInto(table, "'1999-12-31'"),
    insertInto(table, "now() - interval '2 minutes'"),
    insertInto(table, "now() + interval '1 day'"),
    `insert into ${at.plain} (time) values ('1999-12-31')`,
    `copy public.${table} (time) from program 'true'`,
    `alter table public.${table} alter column time set default '1999-12-31'`,
    `alter table public.${table} rename to gone`,
    `alter table public.${table} owner to current_user`,
    `drop trigger ${table}_server_time on public.${table}`,
    `create trigger mine before insert on public.${table} for each row execute function suppress_redundant_updates_trigger()`,
    `select public.drop_chunks('public.${table}', older_than => interval '1 second')`,
    `select public.drop_chunks('public.${table}', newer_than => interval '30 days')`,
    `select public.decompress_chunk('${at.compressed}')`,
    `select public.compress_chunk('${at.plain}')`,
    `select public.remove_retention_policy('public.${table}')`,
    `select public.add_retention_policy('public.${table}', interval '1 hour', if_not_exists => true)`,
    `select public.detach_tablespaces('public.${table}')`,
    `select public.set_chunk_time_interval('public.${table}', interval '1 hour')`,
    ...["alter_job(j.job_id, config => '{}')", "delete_job(j.job_id)"].map(
      (call) =>
        `select public.${call} from timescaledb_information.jobs as j where j.hypertable_name = '${table}'`,
    ),
    // Nor by the internal function that the job calls.
    `do $$ begin execute format('call _timescaledb_functions.policy_retention(0, %L)',
       (select jsonb_build_object('hypertable_id', h.id, 'drop_after', '1 hour')
          from _timescaledb_catalog.hypertable as h where h.table_name = '${table}')); end $$`,
  ];
}

/** Statements that TimescaleDB refuses to everyone, before it checks privileges. */
const REFUSED_TO_ALL = /^drop table _timescaledb_internal\.compress_/;

describe.each(LOGINS)("login %s", (login) => {
  test.each(HYPERTABLES)("cannot change, delete or back-date rows of %s", async (table) => {
    const before = await count(table);
    for (const statement of attempts(table)) {
      const code = REFUSED_TO_ALL.test(statement) ? "0A000" : DENIED;
      expect([statement, await as(login, statement)]).toEqual([statement, code]);
    }
    expect(await count(table)).toBe(before);
  });

  test("cannot become owner or witness, except the migrations login by set role", async () => {
    const reachable = await db.rows(
      `select r.rolname as name from pg_roles as r
        where pg_has_role($1, r.oid, 'member') and r.rolname <> $1
          and (r.rolsuper or r.rolname in ('sark_audit_owner', 'sark_audit_witness') or r.rolcreaterole or r.rolbypassrls)
        order by 1`,
      [login],
    );
    expect(reachable.map(({ name }) => name)).toEqual(
      login === "sark_audit_migrate" ? ["sark_audit_owner", "sark_audit_witness"] : [],
    );
    expect(await as(login, "set session_replication_role = replica")).toBe(DENIED);
    expect(await as(login, "create role mine")).toBe(DENIED);
  });
});

describe.each(HYPERTABLES)("the owner role of %s, which has no login", (table) => {
  test("cannot rewrite rows by mistake, nor in the chunks", async () => {
    const at = chunks.get(table);
    for (const statement of [
      `update public.${table} set time = time`,
      `delete from public.${table}`,
      `truncate public.${table}`,
      `update ${at?.plain ?? ""} set time = time`,
      `delete from ${at?.plain ?? ""}`,
      insertInto(table, "'1999-12-31'"),
      insertInto(table, "clock_timestamp() - interval '61 seconds'"),
      insertInto(table, "clock_timestamp() + interval '61 seconds'"),
    ]) {
      expect([statement, await as("sark_audit_owner", statement)]).toEqual([
        statement,
        RESTRICT_VIOLATION,
      ]);
    }
  });

  test("cannot disable the triggers", async () => {
    expect(await as("sark_audit_owner", "set session_replication_role = replica")).toBe(DENIED);
    // TimescaleDB's error for every hypertable with a column store.
    const disable = `alter table public.${table} disable trigger all`;
    expect([DENIED, "0A000"]).toContain(await as("sark_audit_owner", disable));
  });
});

describe.each(HYPERTABLES)("the writer of %s", (table) => {
  test("can insert one row, several, on conflict, into a new chunk and beside a compressed chunk", async () => {
    await db.query("begin");
    // First as if the newest chunk had been compressed early, then as if no chunk existed.
    await db.query(`select public.compress_chunk('${chunks.get(table)?.plain ?? ""}')`);
    const insert = insertInto(table);
    const values = rowOf(table).replace(/^.*?\) values /, "");
    const before = Number(await count(table));
    for (const statement of [
      insert,
      `${insert}, ${values}, ${values}`,
      `${insert} on conflict do nothing`,
    ]) {
      await db.query("set local role sark_audit_app_a");
      expect([statement, await sqlStateOf(db.query(statement))]).toEqual([statement, "ok"]);
      await db.query("reset role");
    }
    expect(await count(table)).toBe(before + 5);
    await db.query(`select public.drop_chunks('public.${table}', newer_than => interval '2 days')`);
    await db.query(`set local role sark_audit_app_a; ${insert}; reset role`);
    const [row] = await db.rows(
      `select max(time) between now() - interval '1 minute' and clock_timestamp() as right from public.${table}`,
    );
    await db.query("rollback");
    expect(row).toEqual({ right: true });
  });
});

test("rows loaded by copy get their time from the server", async () => {
  // As the superuser: this copy reads a file on the server, which TimescaleDB allows nobody else.
  await db.query("begin");
  await db.copyIn("copy public.audit_events (event_type) from stdin", ["copied\ncopied\n"]);
  const [row] = await db.rows(
    `select count(*)::int as n, min(time) > now() - interval '1 minute' as right
       from public.audit_events where event_type = 'copied'`,
  );
  await db.query("rollback");
  expect(row).toEqual({ n: 2, right: true });
});

test("only the retention job deletes expired audit rows; a login cannot trigger it", async () => {
  await db.query("begin");
  await db.query(insertInto("siem_events", "now() - interval '40 days'"));
  const before = Number(await count("siem_events"));
  const [job] = await db.rows(
    "select job_id, owner from timescaledb_information.jobs where proc_name = 'policy_retention' and hypertable_name = 'siem_events'",
  );
  expect(job?.["owner"]).toBe("sark_audit_owner");
  for (const login of LOGINS) {
    await db.query(`savepoint before; set local role ${login}`);
    expect([
      login,
      await sqlStateOf(db.query(`call public.run_job(${String(job?.["job_id"])})`)),
    ]).toEqual([login, DENIED]);
    await db.query("rollback to before");
  }
  await db.query(`call public.run_job(${String(job?.["job_id"])})`);
  expect(await count("siem_events")).toBe(before - 1);
  await db.query("rollback");
});
