import { found } from "./found";
import { schemaOf } from "./schema-of";
import { squawkFound } from "./squawk-found";

jest.setTimeout(60_000);

const RULES = ["unbounded-change", "table-lock", "duplicate-index", "comments"];

/** A table with its index, and a view. */
const OLD = `
create table public.users (id bigint constraint users_pkey primary key, name text);
comment on table public.users is 'People.';
create index users_name_idx on public.users (name);
create view public.names as select name from public.users;
comment on view public.names is 'Names.';`;

/** Changes of the old table, each of which squawk or our rules must report. */
const CHANGES = `
delete from public.users;
lock table public.users;
alter table public.users drop column name;
drop table public.users;`;

describe("an object that may exist already does not count as new", () => {
  const inBlock = (sql: string): string =>
    `do $$ begin if to_regclass('x') is null then\n${sql}\nend if; end $$;`;

  it.each([
    ["if not exists", "create table if not exists public.users (id bigint);"],
    ["as and if not exists", "create table if not exists public.users as select 1 as id;"],
    ["a condition in a do block", inBlock("create table public.users (id bigint);")],
    ["create table as in a do block", inBlock("create table public.users as select 1 as id;")],
    ["execute in a do block", inBlock("execute 'create table public.users (id bigint)';")],
    [
      "an exception handler",
      "do $$ begin create table public.users (id bigint); exception when duplicate_table then null; end $$;",
    ],
  ])("a table created with %s", async (_, make) => {
    const texts = [OLD, make + CHANGES];
    expect(await found(["unbounded-change", "table-lock"], ...texts)).toHaveLength(2);
    const rules = await squawkFound(texts);
    expect(rules).toEqual(expect.arrayContaining(["ban-drop-column", "ban-drop-table"]));
  });

  it.each([
    ["an index", "create index if not exists users_name_idx on public.users (name);"],
    ["an index in a do block", inBlock("create index users_name_idx on public.users (name);")],
  ])("%s", async (_, make) => {
    const rules = await squawkFound([OLD, `${make}\ndrop index public.users_name_idx;`]);
    expect(rules).toContain("require-concurrent-index-deletion");
  });

  it.each([
    ["a view that is replaced", "create or replace view public.names as select 1 as name;"],
    ["a view in a do block", inBlock("create view public.names as select 1 as name;")],
  ])("%s", async (_, make) => {
    const rules = await squawkFound([OLD, `${make}\nalter view public.names rename to n;`]);
    const renamed = await squawkFound([OLD, "alter view public.names rename to n;"]);
    expect(rules).toEqual(renamed);
    expect(await found(["comments"], OLD, make)).toEqual([]);
  });

  it.each([
    "create table public.users (id bigint constraint users_pkey primary key, name text);",
    "alter table public.users add constraint users_pkey primary key (id);",
    "create index users_name_idx on public.users (name);",
    "alter table public.users add column name text;",
  ])("the lint's model is unchanged by a do block with: %s", async (sql) => {
    expect(await found(RULES, OLD, inBlock(sql))).toEqual([]);
    const [before, after] = [await schemaOf(OLD), await schemaOf(OLD, inBlock(sql))];
    for (const part of ["relations", "indexes", "foreignKeys", "checks", "sequences"] as const) {
      expect(after[part]).toEqual(before[part]);
    }
  });

  it("a missing object counts as new in the file that creates it", async () => {
    const make = inBlock("create table public.fresh (id bigint);");
    expect(await found(["unbounded-change"], OLD, `${make}\ndelete from public.fresh;`)).toEqual(
      [],
    );
    const later = [
      "create table if not exists public.fresh (id bigint);",
      "delete from public.fresh;",
    ];
    expect(await found(["unbounded-change"], OLD, ...later)).toHaveLength(1);
    const again = "drop table public.users; create table if not exists public.users (id bigint);";
    expect(await found(["unbounded-change"], OLD, `${again} delete from public.users;`)).toEqual(
      [],
    );
  });

  it("create table if not exists makes no hypertable of an existing table", async () => {
    const sql =
      "create table if not exists public.users (time timestamptz) with (tsdb.hypertable, tsdb.partition_column = 'time');";
    expect((await schemaOf(OLD, sql)).hypertables.size).toBe(0);
  });
});

describe("an old table that takes the name of a new one does not count as new", () => {
  const swap = "alter table public.users rename to users_new;";
  it.each([
    ["renamed", "alter table public.users_new rename to users_x;", swap],
    ["dropped", "drop table public.users_new;", swap],
    ["moved", "alter table public.users_new set schema other;", swap],
    [
      "dropped, and another moved in",
      "drop table public.users_new;",
      "alter table public.users rename to a; alter table public.a rename to users_new;",
    ],
    [
      "renamed to the old table's name, which was renamed first",
      "",
      "alter table public.users rename to users_x; alter table public.users_new rename to users; alter table public.users rename to users_y; alter table public.users_x rename to users_new;",
    ],
  ])("after the new table was %s", async (_, leave, enter) => {
    const sql = `create table public.users_new (id bigint); ${leave}\n${enter}\n`;
    expect(
      await found(["unbounded-change"], OLD, `${sql}delete from public.users_new;`),
    ).toHaveLength(1);
    const rules = await squawkFound([OLD, `${sql}alter table public.users_new drop column name;`]);
    expect(rules).toContain("ban-drop-column");
  });

  it("a renamed new table and its indexes still count as new", async () => {
    const sql = `
create table public.fresh as select 1 as a; create index fresh_a_idx on public.fresh (a);
alter table public.fresh rename to users_new;
alter table public.users rename to users_old;
alter table public.users_new rename to users;
drop index public.fresh_a_idx;
delete from public.users;`;
    expect(await found(["unbounded-change"], OLD, sql)).toEqual([]);
    expect(await squawkFound([OLD, sql])).toEqual(["renaming-table"]);
  });
});
