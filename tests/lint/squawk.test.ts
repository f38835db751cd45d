import * as path from "node:path";
import { type ParsedDatabase, readDatabase } from "../../lint/database";
import { asRun, squawkFindings, squawkProgram } from "../../lint/squawk";

const PROGRAM = squawkProgram(path.resolve(__dirname, "../.."));

const DIRECTIVES = "--! lock_timeout 2s\n--! statement_timeout 60s\n";

/** Reads files, the first of which makes a table and a hypertable of the same columns. */
async function read(...texts: readonly string[]): Promise<ParsedDatabase> {
  const tables =
    `${DIRECTIVES}create table public.things (time timestamptz not null, name text not null);\n` +
    `create table public.readings (time timestamptz not null, name text not null);\n` +
    `create index readings_time_idx on public.readings (time);\n` +
    `select public.create_hypertable('public.readings', public.by_range('time'));\n`;
  const files = [tables, ...texts].map((text, index) => [`00000${index + 1}_x.sql`, text] as const);
  const reading = await readDatabase("sark_audit", "sql/x", Object.fromEntries(files));
  if ("findings" in reading) throw new Error(JSON.stringify(reading.findings));
  return reading.database;
}

async function found(...texts: readonly string[]): Promise<readonly string[]> {
  const findings = await squawkFindings(PROGRAM, await read(...texts));
  return findings.map(({ file, line, rule }) => `${file}:${line}: ${rule}`);
}

it("gets what the runner sets, and every line with its number", async () => {
  const text = `${DIRECTIVES}\nselect 1;\n`;
  const [, file] = (await read(text)).files;
  expect(file && asRun(file)).toBe(
    `set local lock_timeout = '2s'; set local statement_timeout = '60s'; ${text}`,
  );
});

it("gets settings of the session where a file is no transaction", async () => {
  const text = "--! no-transaction\n--! lock_timeout 5s\nvacuum public.things;\n";
  const [, file] = (await read(text)).files;
  expect(file && asRun(file)).toBe(
    `set lock_timeout = '5s'; set statement_timeout = '60s'; ${text}`,
  );
});

it("names the line, and a table that lacks its schema, which squawk looks for only when asked", async () => {
  const text = `${DIRECTIVES}-- A comment.\n\nalter table things\n  drop column name;\n`;
  expect(await found(text)).toEqual([
    "sql/x/000002_x.sql:5: squawk/require-table-schema",
    "sql/x/000002_x.sql:6: squawk/ban-drop-column",
  ]);
});

it("refuses an index on a table that is in use, unless it is a hypertable", async () => {
  const index = (table: string): string =>
    `${DIRECTIVES}create index ${table}_name_idx\n  on public.${table} (name);\n`;
  expect(await found(index("things"))).toEqual([
    "sql/x/000002_x.sql:3: squawk/require-concurrent-index-creation",
  ]);
  expect(await found(index("readings"))).toEqual([]);
});

it("lets an index of a hypertable be dropped, which cannot be done concurrently", async () => {
  expect(await found(`${DIRECTIVES}drop index public.readings_time_idx;\n`)).toEqual([]);
  expect(await found(`${DIRECTIVES}drop index public.things_time_idx;\n`)).toEqual([
    "sql/x/000002_x.sql:3: squawk/require-concurrent-index-deletion",
  ]);
});

it("asks for no `if not exists` where an index is built concurrently", async () => {
  const text = "create index concurrently things_name_idx on public.things (name);\n";
  expect(await found(`--! no-transaction\n${DIRECTIVES}${text}`)).toEqual([]);
});

it("says so when squawk cannot be run", async () => {
  const database = await read();
  await expect(squawkFindings("/nowhere/squawk", database)).rejects.toThrow("ENOENT");
  await expect(squawkFindings("/bin/false", database)).rejects.toThrow("squawk ended with 1");
});
