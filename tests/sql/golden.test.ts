/**
 * The schema that the migrations make, against the dumps beside them.
 *
 * After a change: UPDATE_GOLDEN=1 npx jest tests/sql/golden, and read the difference.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CatalogReader, readRoles, readSchema } from "../../components/database/catalog";
import {
  migratedAudit,
  migratedSark,
  migrationFiles,
  SQL_FOLDER,
  type TestServer,
} from "../support/migrated";
import type { TestTimescale } from "../support/timescale-thread";

let server: TestServer;
let audit: TestTimescale;
let sark: CatalogReader;

beforeAll(async () => {
  [server, audit] = await Promise.all([migratedSark(), migratedAudit()]);
  sark = await server.connect("postgres");
}, 120_000);

afterAll(async () => {
  await Promise.all([server.stop(), audit.close()]);
});

function compare(database: string, dump: string): void {
  const file = join(SQL_FOLDER, `${database}.golden.txt`);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, dump);
  expect(dump).toBe(readFileSync(file, "utf8"));
}

test("the files of sark make the schema of its golden dump", async () => {
  compare("sark", await readSchema(sark));
});

test("the files of sark_audit make the schema of its golden dump", async () => {
  compare("sark_audit", await readSchema(audit));
});

test("a dump shows a changed default, a lost index, a new privilege and a foreign function", async () => {
  const admin = await server.connect("postgres");
  const before = (await readSchema(sark)).split("\n");
  await admin.query(`
    alter table public.users alter column is_admin set default true;
    drop index public.servers_tags_idx;
    grant truncate on public.sessions to sark_writer;
    create function public.planted() returns integer language sql as 'select 1'`);
  const after = (await readSchema(sark)).split("\n");

  const added = after.filter((line) => !before.includes(line)).map((line) => line.trim());
  const removed = before.filter((line) => !after.includes(line)).map((line) => line.trim());
  expect(added).toEqual(
    expect.arrayContaining([
      "column is_admin boolean not null default true",
      "grant DELETE, INSERT, SELECT, TRUNCATE, UPDATE to sark_writer",
      "function public.planted()",
    ]),
  );
  expect(removed).toEqual([
    "index CREATE INDEX servers_tags_idx ON public.servers USING gin (tags jsonb_path_ops)",
    "column is_admin boolean not null default false",
  ]);
});

test("roles are read with settings, memberships and default privileges, and without passwords", async () => {
  const admin = await server.connect("postgres");
  await admin.query("alter role sark_app_a in database sark set statement_timeout = '30s'");
  const roles = await readRoles(sark);

  expect(roles).toContain(
    "role sark_app_a\n  login\n  set here statement_timeout=30s\n  member of sark_writer\n",
  );
  expect(roles).toContain(
    "default privileges of sark_owner\n  on functions\n    grant EXECUTE to sark_owner\n",
  );
  expect(roles).toContain("extension pg_trgm\n  version ");
  expect(roles).not.toMatch(/SCRAM|md5/);
  expect(roles).not.toContain(server.password);
});

test.each(["sark", "sark_audit"] as const)("every file of %s states both time-outs", (database) => {
  const files = migrationFiles(database);
  expect(files.length).toBeGreaterThan(0);
  for (const { name, sql } of files) {
    expect([name, /^--! lock_timeout \d+s\n--! statement_timeout \d+s\n\n-- /.test(sql)]).toEqual([
      name,
      true,
    ]);
  }
});
