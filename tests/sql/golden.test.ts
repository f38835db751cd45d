/** Dumps of the migrated schema. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CatalogReader, readSchema } from "../../components/database-layer/catalog";
import { readRoles } from "../support/catalog-roles";
import { UserError } from "../../engine/engine";
import { migratedSark, migrationFiles, type TestServer } from "../../scratch/migrated";
import { makeSchemaFiles } from "../../scripts/generated/schema/golden-dumps";

describe("npm run generate -- schema names folder and file when it refuses", () => {
  const root = mkdtempSync(join(tmpdir(), "sark-schema-"));
  beforeAll(() => {
    mkdirSync(join(root, "sql/sark"), { recursive: true });
    mkdirSync(join(root, "sql/sark_audit"));
  });
  afterAll(() => {
    rmSync(root, { recursive: true });
  });

  test.each([
    [
      "a statement that fails",
      "select 1/0;\n",
      /^sql\/sark: failed: 000001_x\.sql:1: division by zero/,
    ],
    [
      "a file that it cannot read",
      undefined,
      /^sql\/sark: unreadable: 000001_x\.sql: it is a folder/,
    ],
  ])(
    "%s",
    async (_, text, message) => {
      const file = join(root, "sql/sark/000001_x.sql");
      if (text === undefined) mkdirSync(file);
      else writeFileSync(file, text);
      const run = makeSchemaFiles(root);
      await expect(run).rejects.toBeInstanceOf(UserError);
      await expect(run).rejects.toThrow(message);
      rmSync(file, { recursive: true });
    },
    120_000,
  );
});

describe("a schema dump", () => {
  let server: TestServer;
  let sark: CatalogReader;
  beforeAll(async () => {
    server = await migratedSark();
    sark = await server.connect("postgres");
  }, 120_000);
  afterAll(() => server.stop());

  test("shows a changed default, a missing index, a new privilege and an unknown function", async () => {
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

  test("of the roles has settings, memberships and default privileges, and no password", async () => {
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
});

test.each(["sark", "sark_audit"] as const)(
  "every migration of %s sets both timeouts",
  (database) => {
    const files = migrationFiles(database);
    expect(files.length).toBeGreaterThan(0);
    for (const { name, sql } of files) {
      const head = /^--! lock_timeout \d+s\n--! statement_timeout \d+s\n(--! .*\n)*\n-- /;
      expect([name, head.test(sql)]).toEqual([name, true]);
    }
  },
);
