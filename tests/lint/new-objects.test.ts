import { squawkFound } from "./squawk-found";

jest.setTimeout(60_000);

/** Changes that lock or break a table in use. */
const CHANGES = `
create index t_a on public.t (a);
drop index public.t_a;
alter table public.t alter column a type text;
alter table public.t add constraint c check (a <> '');
alter table public.t add constraint u unique (a);
alter table public.t add constraint f foreign key (a) references public.other (a);
alter table public.t add constraint p primary key (a);
alter table public.t alter column a set not null;
alter table public.t alter column a drop not null;
alter table public.t add column b bigint not null;
alter table public.t add column e uuid default gen_random_uuid();
alter table public.t rename column a to x;
alter table public.t drop column x;
alter table public.t rename to s;
drop table public.s;`;

it.each([
  ["create table", "create table public.t (a text);"],
  ["create table as", "create table public.t as select '1' as a;"],
  ["select into", "select '1' as a into public.t;"],
  ["create materialized view", "create materialized view public.t as select '1' as a;"],
  ["partition of", "create table public.t partition of public.log default;"],
  ["like", "create table public.t (like public.log including all);"],
  ["a renamed table", "create table public.r (a text); alter table public.r rename to t;"],
  [
    "a table renamed twice",
    "create table public.r as select 1; alter table public.r rename to s; alter table public.s rename to t;",
  ],
  [
    "a table of another schema",
    "create table other.t as select '1' as a; alter table other.t set schema public;",
  ],
  ["a do block", "do $$ begin create table public.t as select '1' as a; end $$;"],
  ["execute", "do $$ begin execute 'create table public.t as select 1 as a'; end $$;"],
])("squawk's findings are ignored for a table that the same file created: %s", async (_, make) => {
  expect(await squawkFound([make + CHANGES])).toEqual([]);
});

it.each([
  ["another file created it", ["create table public.t as select '1' as a;", "select 1;"]],
  ["no file created it", ["select 1;"]],
  ["the new table has another schema", ["create table other.t as select '1' as a;"]],
  [
    "the new table's name only begins with its name",
    ["create table public.t2 as select '1' as a;"],
  ],
])("squawk's findings on a table are kept if %s", async (_, [first = "", ...more]) => {
  const texts =
    more.length === 0 ? [first + CHANGES] : [first, ...more.map((each) => each + CHANGES)];
  expect(new Set(await squawkFound(texts)).size).toBeGreaterThanOrEqual(13);
});

it("squawk's findings are kept if one of two tables in a statement is not new", async () => {
  expect(
    await squawkFound(["create table public.t as select 1 as a; drop table public.t, public.old;"]),
  ).toEqual(["ban-drop-table"]);
});

it("squawk's findings are kept for an old table on the same line as a new one", async () => {
  const sql = "create table public.t as select 1 as a; drop table public.t; drop table public.old;";
  expect(await squawkFound([sql])).toContain("ban-drop-table");
});

it.each([
  "create temporary table t (a int, b timestamp, c varchar(10), d serial);",
  "create temp table t as select 1 as a; create index on t (a); alter table t add column b int not null;",
  "create table pg_temp.t (a int); alter table t alter column a type text; drop table t;",
  "select 1 as a into temp t; alter table t rename to s; alter table s drop column a;",
])("squawk's findings are ignored for a temporary table: %s", async (sql) => {
  expect(await squawkFound([sql])).toEqual([]);
});
