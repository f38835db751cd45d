import type { Client } from "pg";
import { DENIED, sqlStateOf, valueOf } from "../support/expect-sql";
import { migratedSark, type TestServer } from "../../scratch/migrated";

let server: TestServer;
let admin: Client;
let app: Client;
let readonly: Client;

beforeAll(async () => {
  server = await migratedSark();
  admin = await server.connect("postgres");
  app = await server.connect("sark_app_a");
  readonly = await server.connect("sark_readonly_a");
}, 120_000);

afterAll(() => server.stop());

const TABLES = [
  "api_keys",
  "policies",
  "policy_versions",
  "rate_limits",
  "servers",
  "sessions",
  "users",
];

test("PUBLIC has no privilege on any table, column, function or schema of this project", async () => {
  const { rows } = await admin.query(`
    select c.relname as what, a.privilege_type
      from pg_class as c cross join aclexplode(c.relacl) as a
     where c.relnamespace = 'public'::regnamespace and pg_get_userbyid(c.relowner) = 'sark_owner' and a.grantee = 0
    union all
    select c.attname, a.privilege_type
      from pg_attribute as c cross join aclexplode(c.attacl) as a
     where c.attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace) and a.grantee = 0
    union all
    select p.proname, a.privilege_type
      from pg_proc as p cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
     where pg_get_userbyid(p.proowner) = 'sark_owner' and a.grantee = 0
    union all
    select n.nspname, a.privilege_type
      from pg_namespace as n cross join aclexplode(n.nspacl) as a
     where n.nspname = 'public' and a.grantee = 0`);
  expect(rows).toEqual([]);
});

test("no function of sark is security definer, and each pins its search path", async () => {
  const { rows } = await admin.query<{ proname: string; prosecdef: boolean; proconfig: string[] }>(`
    select proname, prosecdef, proconfig from pg_proc where pg_get_userbyid(proowner) = 'sark_owner'`);
  expect(rows.length).toBeGreaterThan(5);
  for (const row of rows) {
    expect(row).toMatchObject({ prosecdef: false, proconfig: ["search_path=pg_catalog, pg_temp"] });
  }
});

test("the application login reads and writes, and cannot change the schema", async () => {
  const id = await valueOf(
    app,
    "insert into users (username, email) values ('ada', 'ada@example.com') returning id",
  );
  await app.query("update users set is_admin = true where id = $1", [id]);
  expect(await valueOf(app, "select is_admin from users where id = $1", [id])).toBe(true);
  await app.query("delete from users where id = $1", [id]);

  for (const statement of [
    "create table public.mine (id integer)",
    "create schema mine",
    "alter table public.users add column mine integer",
    "drop table public.sessions",
    "truncate public.sessions",
    "create index on public.users (is_active)",
    "alter table public.policy_versions disable trigger all",
    "set role sark_owner",
  ]) {
    expect([statement, await sqlStateOf(app.query(statement))]).toEqual([statement, DENIED]);
  }
});

test("the read-only login reads every table and writes none", async () => {
  for (const table of TABLES) {
    expect(await sqlStateOf(readonly.query(`select count(*) from public.${table}`))).toBe("ok");
    expect(await sqlStateOf(readonly.query(`delete from public.${table}`))).toBe(DENIED);
    expect(await sqlStateOf(readonly.query(`insert into public.${table} default values`))).toBe(
      DENIED,
    );
  }
  expect(await sqlStateOf(readonly.query("select * from take_rate_limit('x', 1)"))).toBe(DENIED);
});

test("the read-only login cannot read password hashes or second factors", async () => {
  expect(await sqlStateOf(readonly.query("select id, username, email from users"))).toBe("ok");
  expect(await sqlStateOf(readonly.query("select password_hash from users"))).toBe(DENIED);
  expect(await sqlStateOf(readonly.query("select mfa_secret from users"))).toBe(DENIED);
  expect(await sqlStateOf(readonly.query("select * from users"))).toBe(DENIED);
});

test("row-level security hides the rows of every table but one from a role without a policy", async () => {
  const { rows } = await admin.query<{ without: string }>(
    "select relname as without from pg_class where relname = any ($1) and not relrowsecurity",
    [TABLES],
  );
  // Its searches by LIKE and @> need the planner's statistics (000007_row_security).
  expect(rows).toEqual([{ without: "servers" }]);
  await admin.query("insert into users (username, email) values ('eve', 'eve@example.com')");
  await admin.query("begin; grant select, delete on public.users to sark_pgbouncer");
  await admin.query(
    "grant usage on schema public to sark_pgbouncer; set local role sark_pgbouncer",
  );
  const seen = await valueOf(admin, "select count(*) from public.users");
  const { rowCount } = await admin.query("delete from public.users");
  await admin.query("rollback");
  expect([seen, rowCount]).toEqual(["0", 0]);
  for (const client of [app, readonly]) {
    expect(Number(await valueOf(client, "select count(id) from users"))).toBeGreaterThan(0);
  }
  await admin.query("delete from users where username = 'eve'");
});

test("the migrations login has no privilege before it sets its owner's role", async () => {
  const migrate = await server.connect("sark_migrate");
  for (const statement of [
    "select id from public.users",
    "alter table public.policy_versions disable trigger all",
    "create table public.mine (id integer)",
    "drop table public.sessions",
  ]) {
    expect([statement, await sqlStateOf(migrate.query(statement))]).toEqual([statement, DENIED]);
  }
  await migrate.query("set role sark_owner");
  expect(await sqlStateOf(migrate.query("select id from public.users"))).toBe("ok");
});

test("the application login cannot rewrite the history of policies, nor remove a policy", async () => {
  for (const statement of [
    "update policy_versions set rego_code = 'allow := true'",
    "delete from policy_versions",
    "delete from policies",
  ]) {
    expect([statement, await sqlStateOf(app.query(statement))]).toEqual([statement, DENIED]);
  }
});
