import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readDatabase } from "../../lint/lint-database";
import { ruleFindings } from "../../lint/rules/rules";

const ROOT = join(__dirname, "../..");
const RULES_FOLDER = join(ROOT, "lint/rules");
const RULE_SOURCES = readdirSync(RULES_FOLDER).map((name) =>
  readFileSync(join(RULES_FOLDER, name), "utf8"),
);
const DIRECTIVES = "--! lock_timeout 2s\n--! statement_timeout 60s\n";

/** A rule's findings in a file, with their lines. */
async function said(rule: string, text: string): Promise<readonly string[]> {
  const reading = await readDatabase("sark", "sql/x", { "000001_x.sql": text });
  if ("findings" in reading) throw new Error(JSON.stringify(reading.findings));
  return ruleFindings(reading.database)
    .filter((finding) => finding.rule === rule)
    .map((finding) => `${finding.line}: ${finding.text}`);
}

describe("rule timeouts reports one finding for a file", () => {
  it.each([
    [
      "select 1;\n",
      ['1: Add "--! lock_timeout 2s" and "--! statement_timeout 60s" at the top of the file.'],
    ],
    [
      "--! statement_timeout 60s\nselect 1;\n",
      ['1: Add "--! lock_timeout 2s" at the top of the file.'],
    ],
    [
      "--! lock_timeout 0\n--! statement_timeout 0\nselect 1;\n",
      [
        "1: lock_timeout 0 and statement_timeout 0 mean no limit: write a time such as 2s or 10min.",
      ],
    ],
    [
      "--! role sark_owner\n--! lock_timeout 0s\nselect 1;\n",
      [
        '1: Add "--! statement_timeout 60s" at the top of the file. ' +
          "lock_timeout 0s means no limit: write a time such as 2s or 10min.",
      ],
    ],
  ])("%j", async (text, findings) => {
    expect(await said("timeouts", text)).toEqual(findings);
  });
});

describe("rule session-settings", () => {
  it.each([
    ["set work_mem = '1GB'", 'Write "set local work_mem": the setting then ends with the file.'],
    ["set constructor = 1", 'Write "set local constructor": the setting then ends with the file.'],
    ["set time zone 'UTC'", 'Write "set local timezone": the setting then ends with the file.'],
    ["reset work_mem", 'Remove it: a setting made with "set local" ends with the file.'],
    ["reset all", "Remove it: it undoes what the runner has set."],
    ["do $$ begin discard all; end $$", "Remove it: it undoes what the runner has set."],
    ["discard temp", "Remove it: the session ends with the run."],
    [
      "set local lock_timeout = '1h'",
      'Remove it: the runner sets lock_timeout. Write "--! lock_timeout ..." at the top of the file.',
    ],
    [
      "reset lock_timeout",
      'Remove it: the runner sets lock_timeout. Write "--! lock_timeout ..." at the top of the file.',
    ],
    [
      "set role sark_writer",
      'Remove it: the runner sets role. Write "--! role ..." at the top of the file.',
    ],
    ["set session authorization sark_writer", "Remove it: the runner sets session_authorization."],
    ["set search_path = public", "Remove it: the runner sets search_path."],
    [
      "do $$ begin set transaction isolation level serializable; end $$",
      "Remove it: the runner begins the transaction.",
    ],
    [
      "set local transaction_isolation = 'serializable'",
      "Remove it: the runner begins the transaction.",
    ],
    [
      "do $$ begin set transaction read only; end $$",
      "Remove it: the runner begins the transaction.",
    ],
    [
      "do $$ begin set transaction snapshot 'x'; end $$",
      "Remove it: the runner begins the transaction.",
    ],
    [
      "set session characteristics as transaction isolation level serializable",
      "Remove it: it also changes the transactions of later files.",
    ],
    [
      "select set_config('work_mem', '1GB', false)",
      "Pass true as third argument of set_config for work_mem: the setting then ends with the file.",
    ],
    [
      "select set_config(x, '1GB', false) from (select 'a') y (x)",
      "Pass true as third argument of set_config: the setting then ends with the file.",
    ],
  ])("says what to do about %s", async (statement, text) => {
    expect(await said("session-settings", `${DIRECTIVES}${statement};\n`)).toEqual([`3: ${text}`]);
  });

  it.each([
    "set constraints all deferred",
    "set local work_mem = '1GB'",
    "set local time zone 'UTC'",
  ])("accepts %s", async (statement) => {
    expect(await said("session-settings", `${DIRECTIVES}${statement};\n`)).toEqual([]);
  });
});

describe("rule security-definer-search-path states the problem and the fix", () => {
  const pin = 'write "set search_path = pg_catalog, pg_temp".';
  it.each([
    ["", `public.f has no search_path of its own: ${pin}`],
    ["security definer", `public.f runs as its owner and has no search_path of its own: ${pin}`],
    [
      "security definer set search_path = public, pg_temp",
      `The search_path of public.f, which runs as its owner, does not begin with pg_catalog: ${pin}`,
    ],
    [
      "set search_path = pg_catalog",
      `The search_path of public.f does not end with pg_temp, which PostgreSQL then searches first: ${pin}`,
    ],
    [
      'set search_path = pg_catalog, "$user", pg_temp',
      `The search_path of public.f contains the caller's schema: ${pin}`,
    ],
  ])("%s", async (options, text) => {
    const sql = `${DIRECTIVES}create function public.f() returns integer language sql ${options} as 'select 1';\n`;
    expect(await said("security-definer-search-path", sql)).toEqual([`3: ${text}`]);
  });
});

describe("rule named-constraints names the kind and the table", () => {
  it.each([
    [
      "create table public.a (b bigint primary key)",
      "Name the primary key of public.a: constraint <name> primary key ...",
    ],
    [
      "create table public.a (b bigint unique)",
      "Name the unique key of public.a: constraint <name> unique ...",
    ],
    [
      "create table public.a (b bigint check (b > 0))",
      "Name the check of public.a: constraint <name> check ...",
    ],
    [
      "create table public.a (b bigint references public.c (d))",
      "Name the foreign key of public.a: constraint <name> references ...",
    ],
    [
      "alter table public.a add foreign key (b) references public.c (d)",
      "Name the foreign key of public.a: constraint <name> foreign key ...",
    ],
    [
      "alter table public.a add exclude using gist (b with =)",
      "Name the exclusion of public.a: constraint <name> exclude ...",
    ],
    [
      "create domain public.a as text check (value <> '')",
      "Name the check of public.a: constraint <name> check ...",
    ],
    [
      "create index on public.a (b)",
      "Name the index on public.a: create index <name> on public.a ...",
    ],
  ])("%s", async (statement, text) => {
    expect(await said("named-constraints", `${DIRECTIVES}${statement};\n`)).toEqual([`3: ${text}`]);
  });
});

it("timescale-licence names existing files to which an unknown function can be added", async () => {
  const [text = ""] = await said("timescale-licence", `${DIRECTIVES}select public.f();\n`);
  expect(text).toMatch(/^3: No file creates public\.f\(\), and no known extension has it: /);
  const files = text.match(/[\w/-]+\.ts/g) ?? [];
  expect(files).toHaveLength(2);
  for (const file of files) expect([file, existsSync(join(ROOT, file))]).toEqual([file, true]);
});

it("every file that a lint rule names exists", () => {
  const files = [
    ...new Set(RULE_SOURCES.join("\n").match(/\b(?:components|lint|sql)\/[\w/-]+\.(?:ts|sql)\b/g)),
  ];
  expect(files.length).toBeGreaterThan(2);
  expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});
