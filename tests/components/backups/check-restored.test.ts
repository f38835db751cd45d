/** Every check of a restored server fails on the fault that it is for. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { start, stop } from "../../../components/homes/local/processes/postgres";
import {
  checkRestored,
  type RestoredOptions,
} from "../../../components/backups/checks/check-restored";
import { makeRecord } from "../../../components/backups/make-record";
import type { BackupRecord } from "../../../components/backups/plan/record";
import { drillRun } from "../../../components/backups/plan/drill-report";
import { recordRun } from "../../../components/backups/record-run";
import { goldenSchema } from "../../../scratch/migration-target";
import { SQL_FOLDER } from "../../../scratch/migrated";
import { type ScratchPostgres, startScratchPostgres } from "../../../scratch/scratch-postgres";
import { migrateScratch } from "../../../scripts/generated/schema/golden-dumps";
import { projectRoot } from "../../../components/files/project-root";

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const containing = (text: string): unknown => expect.stringContaining(text);

jest.setTimeout(120_000);

let server: ScratchPostgres;
let client: Client;
let record: BackupRecord;

const golden: RestoredOptions["golden"] = {
  dump: goldenSchema("sark"),
  files: readdirSync(join(SQL_FOLDER, "sark")).sort(),
};

async function connect(): Promise<void> {
  const { host, port, user, password } = server;
  client = new Client({ host, port, user, password, database: "sark" });
  client.on("error", () => undefined);
  await client.connect();
}

beforeAll(async () => {
  server = await startScratchPostgres({
    preload: ["pg_stat_statements"],
    parameters: { autovacuum: "off" },
  });
  await migrateScratch(server, "sark", projectRoot());
  await connect();
  await client.query(`insert into public.users (username, email)
    select 'user-' || n, 'user-' || n || '@example.com' from generate_series(1, 500) as n`);
  record = await makeRecord(client);
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

/** The failed checks, by name. */
async function failures(options: Partial<RestoredOptions> = {}) {
  const results = await checkRestored(client, { database: "sark", record, golden, ...options });
  return Object.fromEntries(
    results.filter(({ passed }) => !passed).map(({ name, detail }) => [name, detail]),
  );
}

/** The failed checks after a fault, which is undone. */
async function failuresAfter(fault: string, undo: string) {
  await client.query(fault);
  try {
    return await failures();
  } finally {
    await client.query(undo);
  }
}

test("a faithful copy passes every check, and the checks leave nothing behind", async () => {
  const time = record.time;
  const results = await checkRestored(client, {
    database: "sark",
    record,
    golden,
    recoveryPoint: { time, seconds: 300 },
  });
  expect(results).toEqual([
    {
      name: "rows",
      passed: true,
      detail: matching(/^\d+ tables with \d+ rows, each row as in/),
    },
    { name: "newest row", passed: true, detail: containing("the newest row is of") },
    {
      name: "catalog",
      passed: true,
      detail: matching(/^as the \d+ migration files of this checkout/),
    },
    { name: "pages", passed: true, detail: "no fault in tables and B-tree indexes" },
  ]);
  const { rows } = await client.query("select from pg_extension where extname = 'amcheck'");
  expect(rows).toHaveLength(0);
});

test.each([
  [
    "a missing row",
    "create table public.kept as select * from public.users where username = 'user-7'; delete from public.users where username = 'user-7'",
    "insert into public.users select * from public.kept; drop table public.kept",
    { rows: '"public.users": 1 of 500 rows missing' },
  ],
  [
    "a changed row",
    "alter table public.users disable trigger user; update public.users set is_admin = true where username = 'user-8'",
    "update public.users set is_admin = false where username = 'user-8'; alter table public.users enable trigger user",
    { rows: '"public.users": 500 rows, but not the same ones' },
  ],
  [
    "a missing index",
    "drop index public.servers_tags_idx",
    "create index servers_tags_idx on public.servers using gin (tags jsonb_path_ops)",
    {
      catalog: matching(/^~ 1 changed: ~ table public.servers; - index .*servers_tags_idx/),
    },
  ],
  [
    "an extra column",
    "alter table public.users add column planted text",
    "alter table public.users drop column planted",
    { catalog: containing("+ column planted text") },
  ],
  [
    "an index that does not have its table's rows",
    `create function public.key(text) returns text language plpgsql immutable as 'begin return $1; end';
     create index users_key on public.users (public.key(username));
     create or replace function public.key(text) returns text language plpgsql immutable as 'begin return $1 || 1; end'`,
    "drop index public.users_key; drop function public.key",
    {
      pages: matching(/^public\.users_key: heap tuple .* lacks matching index tuple/),
    },
  ],
] as const)("%s is found", async (_, fault, undo, found) => {
  expect(await failuresAfter(fault, undo)).toMatchObject(found);
});

test("rows older than the recovery point allows are found, unless the record has no newer ones", async () => {
  const time = new Date(Date.parse(record.newest ?? "") + 3_600_000).toISOString();
  const recoveryPoint = { time, seconds: 300 };
  expect(await failures({ recoveryPoint })).toEqual({});
  expect(await failures({ recoveryPoint, record: { ...record, newest: time } })).toEqual({
    "newest row": matching(/3600 s before .* the recovery point allows 300 s$/),
  });
});

test("another database's record, and migrations that nobody knows, are found", async () => {
  expect(await failures({ record: { ...record, database: "sark_audit" } })).toEqual({
    rows: "the record is of the database sark_audit, not of sark",
  });
  expect(await failures({ golden: { ...golden, files: golden.files.slice(1) } })).toEqual({
    catalog: containing("neither those of this checkout nor of the last run"),
  });
});

test("the result of a drill is recorded", async () => {
  const times = { startedAt: record.time, finishedAt: record.time };
  const drill = {
    stack: "dev",
    database: "sark",
    source: "dump",
    target: record.time,
    recoveryTime: 60,
    lost: "Nothing.",
  };
  await client.query("begin; set local role sark_maintain");
  const checks = [{ name: "rows", passed: true, detail: "9 tables" }];
  await recordRun(client, drillRun({ ...drill, ...times, checks }));
  const { rows } = await client.query(
    "select kind, succeeded, report->'checks' as checks from public.backup_runs",
  );
  await client.query("rollback");
  expect(rows).toEqual([{ kind: "restore drill", succeeded: true, checks }]);
});

test("a page with a flipped byte is found", async () => {
  const { rows } = await client.query<{ file: string }>(
    "select pg_relation_filepath('public.users') as file",
  );
  await client.query("checkpoint");
  await client.end();
  await stop(server.folder);
  const file = join(server.folder, "data", rows[0]?.file ?? "");
  const bytes = readFileSync(file);
  const at = 8000;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  await start(server.folder);
  await connect();
  const found = await failures();
  expect(found).toEqual({
    rows: matching(/^could not be checked: invalid page in block 0/),
    pages: matching(/public\.users: invalid page in block 0/),
  });
});
