import { Client } from "pg";
import { readSchema } from "../../../components/database-layer/catalog";
import { readRoles } from "../../support/catalog-roles";
import { type ScratchPostgres, startScratchPostgres } from "../../../scratch/scratch-postgres";
import { startScratchTimescale } from "../../../scratch/scratch-timescale";
import { Project, names, operations, row } from "./harness";

jest.setTimeout(240_000);

let server: ScratchPostgres;
let database: Client;
let project: Project;

beforeAll(async () => {
  server = await startScratchPostgres();
});
afterAll(async () => {
  await server.stop();
});
beforeEach(async () => {
  const admin = await connect("postgres");
  await admin.query("create database app");
  await admin.end();
  database = await connect("app");
  await database.query("create table public.t (id serial primary key, name text)");
  project = new Project();
});
afterEach(async () => {
  await database.end();
  const admin = await connect("postgres");
  await admin.query("drop database if exists app with (force)");
  await admin.query("drop role if exists owner, writer, login, maker");
  await admin.end();
  project.dispose();
});

async function connect(name: string, user = "postgres", password = server.password) {
  const client = new Client({
    host: server.host,
    port: server.port,
    user,
    password,
    database: name,
  });
  await client.connect();
  return client;
}

/** A program with a provider for the database, and sequential steps as in the database layer. */
function program(body: string, user = "postgres", password = server.password): string {
  return `
    const provider = new postgresql.Provider("p", {
      host: "${server.host}", port: ${server.port}, username: "${user}", password: "${password}",
      database: "app", sslmode: "disable", superuser: ${String(user === "postgres")}, MAX });
    let last;
    const make = (Type, name, args, options = {}) =>
      (last = new Type(name, args, { provider, dependsOn: last, ...options }));
    const { Role, Grant, DefaultPrivileges, Extension } = postgresql;
    ${body}
  `.replace(", MAX", "");
}

const ROLES = `
  make(Role, "owner", { name: "owner" });
  make(Role, "writer", { name: "writer", inherit: true });
  make(Role, "login", { name: "login", login: true, password: "canary-77", roles: ["writer"],
    connectionLimit: 7 });
`;
const PRIVILEGES = `
  make(Grant, "no connect", { role: "public", database: "app", objectType: "database", privileges: [] });
  make(Grant, "connect", { role: "writer", database: "app", objectType: "database", privileges: ["CONNECT"] });
  make(Grant, "no create", { role: "public", database: "app", schema: "public", objectType: "schema", privileges: [] });
  make(Grant, "use", { role: "writer", database: "app", schema: "public", objectType: "schema", privileges: ["USAGE"] });
  make(DefaultPrivileges, "tables", { role: "writer", owner: "owner", database: "app", schema: "public", objectType: "table", privileges: ["SELECT"] });
  make(DefaultPrivileges, "sequences", { role: "writer", owner: "owner", database: "app", schema: "public", objectType: "sequence", privileges: ["SELECT", "USAGE"] });
  make(DefaultPrivileges, "functions", { role: "public", owner: "owner", database: "app", objectType: "function", privileges: [] });
`;
const OBJECTS = `
  make(Extension, "trgm", { name: "pg_trgm", schema: "public" });
`;

/** The server's catalog of the created objects. */
async function catalog(): Promise<string> {
  return `${await readRoles(database)}\n${await readSchema(database)}`;
}

test("up creates the described catalog, and a second up changes nothing", async () => {
  project.program(program(ROLES + PRIVILEGES + OBJECTS));
  const { value, error } = await project.up();
  expect(error).toBeUndefined();
  expect(value.failed).toEqual([]);
  expect(await catalog()).toMatchSnapshot();
  const login = await connect("app", "login", "canary-77");
  const denied = await login.query("create table public.x ()").catch(String);
  expect(denied).toContain("permission denied for schema public");
  await login.end();

  const before = await catalog();
  expect((await project.up()).value.done).toEqual([]);
  expect(await catalog()).toBe(before);
  expect(row((await project.preview()).value, "login").inputs["password"]).toBe("[secret]");
});

test("unsupported inputs are refused before anything is created", async () => {
  const before = await catalog();
  project.program(program(`make(Role, "maker", { name: "maker", createDatabase: true });`));
  expect((await project.preview()).error?.message).toMatch(
    /createDatabase.*does not support this input/s,
  );
  project.program(
    program(`make(Grant, "table", { role: "public", database: "app", schema: "public",
      objectType: "table", objects: ["t"], privileges: ["SELECT"] });`),
  );
  expect((await project.up()).error?.message).toMatch(/objects.*does not support this input/s);
  project.program(
    program(`make(Grant, "all tables", { role: "public", database: "app", schema: "public",
      objectType: "table", privileges: ["SELECT"] });`),
  );
  const { value } = await project.up();
  expect(value.failed.map(({ reason }) => reason).join()).toContain("not on a table");
  expect(await catalog()).toBe(before);
});

test("resources that the program no longer has are removed from the server", async () => {
  const before = await catalog();
  project.program(program(ROLES + PRIVILEGES + OBJECTS));
  await project.up();
  project.program(program(""));
  const { value } = await project.up();
  expect(value.failed).toEqual([]);
  // A revocation from PUBLIC is not undone, since deleting a grant revokes.
  await database.query(
    "grant connect, temporary on database app to public; grant usage on schema public to public",
  );
  expect(await catalog()).toBe(before);
  expect((await project.destroy()).value.failed).toEqual([]);
});

test("a role that becomes NOINHERIT has its memberships granted again, since they keep INHERIT", async () => {
  const member = /member of writer.*/;
  project.program(program(ROLES));
  await project.up();
  expect(member.exec(await catalog())?.[0]).toBe("member of writer");
  project.program(program(ROLES.replace('roles: ["writer"]', 'roles: ["writer"], inherit: false')));
  await project.up();
  expect(member.exec(await catalog())?.[0]).toBe("member of writer without inherit");
  expect((await project.up()).value.done).toEqual([]);
  project.program(program(""));
  await project.up();
});

test("an update changes only the described objects", async () => {
  project.program(program(ROLES + PRIVILEGES + OBJECTS));
  await project.up();
  project.program(
    program(
      (ROLES + PRIVILEGES + OBJECTS)
        .replace("connectionLimit: 7", "connectionLimit: 8")
        .replace('roles: ["writer"]', 'roles: ["owner"]')
        .replace('["SELECT", "USAGE"]', '["USAGE", "SELECT"]')
        .replace(
          'objectType: "schema", privileges: ["USAGE"]',
          'objectType: "schema", privileges: []',
        )
        .replace(
          'objectType: "table", privileges: ["SELECT"]',
          'objectType: "table", privileges: ["DELETE"]',
        ),
    ),
  );
  const { value: plan } = await project.preview();
  const changed = Object.entries(operations(plan)).filter(([, op]) => op !== "same");
  expect(Object.fromEntries(changed)).toEqual({ login: "update", use: "update", tables: "update" });
  expect(row(plan, "login").changedKeys).toEqual(["connectionLimit", "roles[0]"]);
  expect((await project.up()).value.failed).toEqual([]);
  expect(await catalog()).toMatchSnapshot();
});

test("an up that was killed at any write converges to the same catalog", async () => {
  const whole = program(ROLES + PRIVILEGES + OBJECTS);
  project.program(whole);
  await project.up();
  const intended = await catalog();
  await project.destroy();
  await database.query(
    "grant connect, temporary on database app to public; grant usage on schema public to public",
  );
  for (const write of [5, 14, 23]) {
    expect((await project.up({ DIE_AT: `${write}+` })).exit).toBe("SIGKILL");
    expect((await project.up()).value.failed).toEqual([]);
    expect(await catalog()).toBe(intended);
    expect((await project.destroy()).value.failed).toEqual([]);
  }
});

test("existing objects are adopted, and get the described attributes", async () => {
  await database.query("create role login superuser connection limit 1");
  await database.query("alter role login set statement_timeout to 1");
  project.program(program(`make(Role, "login", { name: "login", login: true });`));
  expect((await project.up()).value.failed).toEqual([]);
  const { rows } = await database.query<object>(
    "select rolsuper, rolcanlogin, rolconnlimit, rolconfig from pg_roles where rolname = 'login'",
  );
  expect(rows).toEqual([{ rolsuper: false, rolcanlogin: true, rolconnlimit: -1, rolconfig: null }]);
});

test("a dropped role's objects are reassigned to the administrator", async () => {
  project.program(program(`make(Role, "writer", { name: "writer", password: "x", login: true });`));
  await project.up();
  await database.query("alter table t owner to writer");
  await project.destroy();
  const { rows } = await database.query<object>(
    "select tableowner from pg_tables where tablename = 't'",
  );
  expect(rows).toEqual([{ tableowner: "postgres" }]);
});

test("an administrator without SUPERUSER is a member of the owners only during a step", async () => {
  await database.query("create role maker login createrole createdb password 'maker-pw'");
  await database.query("alter database app owner to maker");
  const roles = `make(Role, "owner", { name: "owner" }); make(Role, "writer", { name: "writer" });`;
  project.program(program(roles, "maker", "maker-pw"));
  expect((await project.up()).value.failed).toEqual([]);
  await database.query("create schema s authorization owner");
  project.program(
    program(
      `${roles}
       make(Grant, "use", { role: "writer", database: "app", schema: "s", objectType: "schema", privileges: ["USAGE"] });
       make(DefaultPrivileges, "tables", { role: "writer", owner: "owner", database: "app", schema: "s", objectType: "table", privileges: ["SELECT"] });`,
      "maker",
      "maker-pw",
    ),
  );
  const { value } = await project.up();
  expect(value.failed).toEqual([]);
  const { rows } = await database.query<{ schema: string }>(
    `select nspowner::regrole::text as owner, has_schema_privilege('writer', 's', 'usage') as usage,
       exists (select from pg_auth_members where member = 'maker'::regrole and set_option) as member
     from pg_namespace where nspname = 's'`,
  );
  expect(rows).toEqual([{ owner: "owner", usage: true, member: false }]);
  await database.query("drop schema s");
  expect((await project.destroy()).value.failed).toEqual([]);
});

test("each step releases the session of a single-session server", async () => {
  await database.query("create role login login password 'one-pw' connection limit 1 createrole");
  const one = program(
    `make(Role, "writer", { name: "writer" });
     const counted = thing("a", {}, { dependsOn: last });
     make(Role, "owner", { name: "owner" }, { dependsOn: counted });`,
    "login",
    "one-pw",
  ).replace('database: "app"', 'database: "app", maxConnections: 1');
  project.program(one);
  // The dynamic resource opens the only session itself.
  project.write(
    "provider.js",
    `
    const { Client } = require("pg");
    module.exports = {
      async create(inputs) {
        const client = new Client({ host: "${server.host}", port: ${server.port}, user: "login", password: "one-pw", database: "app" });
        await client.connect();
        const { rows } = await client.query("select count(*) from pg_stat_activity where usename = 'login'");
        await client.end();
        return { id: "1", outs: { ...inputs, token: rows[0].count } };
      },
    };`,
  );
  const { value } = await project.up();
  expect(value.failed).toEqual([]);
  expect(names(value.done)).toContain("owner");
});

test("a step on the embedded TimescaleDB ignores the settings of an earlier session", async () => {
  const timescale = await startScratchTimescale();
  try {
    const { host, port, password } = timescale;
    const leave = async (sql: string): Promise<unknown> => {
      const client = new Client({ host, port, user: "postgres", password, database: "sark_audit" });
      await client.connect();
      const { rows } = await client.query<object>(sql);
      await client.end();
      return rows;
    };
    await leave("create role nobody");
    await leave("set role nobody");
    project.program(
      program(
        `make(Role, "owner", { name: "owner" });
         make(Grant, "create", { role: "owner", database: "sark_audit", schema: "public", objectType: "schema", privileges: ["CREATE", "USAGE"] });`,
        "postgres",
        password,
      )
        .replace(`port: ${server.port}`, `port: ${port}`)
        .replace('database: "app"', 'database: "sark_audit", maxConnections: 1'),
    );
    expect((await project.up()).value.failed).toEqual([]);
    expect(await leave("select has_schema_privilege('owner', 'public', 'create') as may")).toEqual([
      { may: true },
    ]);
    await leave("set role nobody");
    expect((await project.destroy()).value.failed).toEqual([]);
  } finally {
    await timescale.stop();
  }
});

test("a refused login is reported without the password", async () => {
  project.program(program(`make(Role, "owner", { name: "owner" });`, "postgres", "canary-wrong"));
  const outcome = await project.up();
  expect(outcome.value.failed).toMatchObject([
    { reason: expect.stringMatching(/^cannot connect to .* as postgres: password/) as string },
  ]);
  expect(JSON.stringify(outcome)).not.toContain("canary-wrong");
});
