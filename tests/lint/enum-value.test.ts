import { scratchClient } from "../support/scratch-client";
import { found } from "./found";

jest.setTimeout(60_000);

const client = scratchClient();

const BEFORE = `
  create type s.state as enum ('new', 'old');
  create type s.other as enum ('x');
  create table s.t (id int, state s.state, states s.state[], note text);
  insert into s.t values (1, 'new', '{new}', 'kept');`;

const ADD = "alter type s.state add value 'kept' after 'new';\n";

/** Whether the server refuses a file after {@link BEFORE} because it uses a new enum value. */
async function serverRefuses(sql: string): Promise<boolean> {
  await client().query(`drop schema if exists s cascade; create schema s; ${BEFORE}`);
  try {
    await client().query(`begin; ${sql}; commit`);
    return false;
  } catch (error) {
    await client().query("rollback");
    if (error instanceof Error && error.message.startsWith("unsafe use of new value")) return true;
    throw error;
  }
}

it.each([
  "select 'kept'::s.state",
  "select cast('kept' as s.state)",
  "select '{kept,new}'::s.state[]",
  "insert into s.t values (1, 'kept')",
  "insert into s.t (note, state) values ('x', 'kept')",
  "insert into s.t (id, state) select 1, 'kept'",
  "insert into s.t (states) values ('{new,kept}')",
  "update s.t set state = 'kept'",
  "update s.t set state = case when id = 1 then 'kept' else state end",
  "update s.t set state = coalesce(state, 'kept')",
  "update s.t set note = 'x' where state = 'kept'",
  "delete from s.t where state in ('new', 'kept')",
  "delete from s.t where state = any (array['kept', 'new']::s.state[])",
  "select 1 from s.t as x where x.state <> 'kept'",
  "select 1 from s.t where 'kept' = state",
  "select case state when 'kept' then 1 end from s.t",
  "alter table s.t alter column state set default 'kept'",
  "alter table s.t add column more s.state default 'kept'",
  "alter table s.t add check (state <> 'kept')",
  "alter table s.t add column more s.state check (more <> 'kept')",
  "create table s.u (state s.state default 'kept')",
  "create table s.u (state s.state, check (state <> 'kept'))",
  "create index on s.t (id) where state = 'kept'",
  "create view s.v as select 1 from s.t where state = 'kept'",
  "create domain s.d as s.state default 'kept'",
  "create function s.f(x s.state default 'kept'::s.state) returns void language plpgsql as 'begin end'",
  "create function s.f() returns s.state language sql as $$ select 'kept'::s.state $$",
  "create function s.f() returns s.state language sql begin atomic select 'kept'::s.state; end",
  "do $$ begin update s.t set state = 'kept'; end $$",
  "do $$ declare x s.state; begin x := 'kept'::s.state; end $$",
  "do $$ begin if exists (select 1 from s.t where state = 'kept') then null; end if; end $$",
  "do $$ begin execute 'update s.t set state = ''kept'''; end $$",
  "alter type s.state rename to status; select 'kept'::s.status",
  "alter type s.state add value if not exists 'kept'; select 'kept'::s.state",
])("enum-value reports a new value that the server refuses: %s", async (sql) => {
  expect(await serverRefuses(ADD + sql)).toBe(true);
  const findings = await found(["enum-value"], BEFORE, ADD + sql);
  expect([...new Set(findings)]).toEqual([
    expect.stringMatching(/^2:2 enum-value: Value 'kept' of s\.stat(e|us) is added in this file/),
  ]);
});

it.each([
  `${ADD}select 'new'::s.state`,
  `${ADD}select 'kept'`,
  `${ADD}select 'kept'::text`,
  `${ADD}update s.t set note = 'kept'`,
  `${ADD}update s.t set note = 'kept' where state = 'new'`,
  `${ADD}insert into s.t values (1, 'new', null, 'kept')`,
  `${ADD}insert into s.t (note, state) values ('kept', 'new')`,
  `${ADD}delete from s.t where note = 'kept' and state = 'old'`,
  `${ADD}alter table s.t alter column note set default 'kept'`,
  `${ADD}comment on type s.state is 'kept'`,
  `${ADD}alter type s.state add value 'more' after 'kept'`,
  `${ADD}create function s.f() returns void language plpgsql as $$ begin update s.t set state = 'kept'; end $$`,
  `select 'new'::s.state; ${ADD}`,
  "alter type s.state rename value 'new' to 'kept'; select 'kept'::s.state",
  "alter type s.state add value if not exists 'new'; select 'new'::s.state",
  "create type s.own as enum ('a'); alter type s.own add value 'kept'; select 'kept'::s.own",
  "create type s.own as enum ('a'); alter type s.own rename to mine; alter type s.mine add value 'kept'; select 'kept'::s.mine",
  "alter type s.other add value 'kept'; alter type s.state rename value 'old' to 'kept'; update s.t set state = 'kept'",
])("enum-value accepts a statement that the server accepts: %s", async (sql) => {
  expect(await serverRefuses(sql)).toBe(false);
  expect(await found(["enum-value"], BEFORE, sql)).toEqual([]);
});

it("enum-value accepts a value that an earlier file added", async () => {
  const use = "update s.t set state = 'kept';";
  expect(await found(["enum-value"], BEFORE, ADD, use)).toEqual([]);
  const again = `alter type s.state add value if not exists 'kept'; ${use}`;
  expect(await found(["enum-value"], BEFORE, ADD, again)).toEqual([]);
});
