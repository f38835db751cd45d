import { planFiles } from "../../../../components/migrations/plan/migration-files";
import { readStatements } from "../../../../components/migrations/plan/statements";
import { unqualifiedNames } from "../../../../components/migrations/plan/unqualified-names";

/** Error for the files, or undefined. @param texts of the first file, the second and so on */
async function refusal(...texts: readonly string[]): Promise<string | undefined> {
  const named = texts.map((text, at) => [`00000${String(at + 1)}_a.sql`, text] as const);
  const work = await Promise.all(
    planFiles(Object.fromEntries(named)).map(async (file) => ({
      file,
      statements: await readStatements(file),
    })),
  );
  const errors = unqualifiedNames(work).map(({ message }) => message);
  return errors.length === 0 ? undefined : errors.join("\n");
}

describe("unqualified name in a migration", () => {
  it.each<[string, string, string]>([
    ["a new table", "create table t (id int)", "t"],
    ["a table created from a query", "create table t as select 1", "t"],
    ["a table from select into", "select 1 into t", "t"],
    ["a view", "create view v as select 1", "v"],
    ["a sequence", "create sequence q", "q"],
    ["an enum type", "create type mood as enum ('a')", "mood"],
    ["a composite type", "create type pair as (a int)", "pair"],
    ["a range type", "create type span as range (subtype = int)", "span"],
    ["a domain", "create domain d as int", "d"],
    ["a function", "create function f() returns int language sql return 1", "f"],
    ["a procedure", "create procedure p() language sql begin atomic select 1; end", "p"],
    ["an aggregate", "create aggregate agg(int) (sfunc = int4pl, stype = int)", "agg"],
    ["statistics", "create statistics s on a, b from public.t", "s"],
    ["an altered table", "alter table t add id int", "t"],
    ["a dropped table", "drop table if exists t", "t"],
    ["a table that is read", "insert into public.a select id from t", "t"],
    ["a referenced table", "create table public.a (id int references t)", "t"],
    ["an indexed table", "create index i on t (id)", "t"],
    [
      "a table in a parsed function body",
      "create function public.f() returns int begin atomic select id from t; end",
      "t",
    ],
    [
      "a trigger's function",
      "create trigger a before insert on public.t for each row execute function touch()",
      "touch",
    ],
    [
      "a function of an extension",
      "create table public.t (id uuid default uuid_generate_v4())",
      "uuid_generate_v4",
    ],
    [
      "an operator class of an extension",
      "create index on public.t using gin (a gin_trgm_ops)",
      "gin_trgm_ops",
    ],
    ["a sequence in a default", "create table public.t (id int default nextval('q'))", "q"],
    ["a table as a value", "select 't'::regclass", "t"],
    ["a table in a grant", "grant select on t to reader", "t"],
    ["a comment", "comment on table t is 'x'", "t"],
  ])("is rejected with its line: %s", async (_, sql, name) => {
    expect(await refusal(`select 1;\n\n${sql};`)).toBe(
      `unqualified: 000001_a.sql:3: ${name} has no schema: write public.${name}`,
    );
  });

  it.each([
    ["a type", "create type public.mood as enum ('a')", "create table public.t (m mood)", "mood"],
    [
      "a function in a default",
      "create function public.f() returns int language sql return 1",
      "create table public.t (i int default f())",
      "f",
    ],
    [
      "a function in a check",
      "create function public.f(i int) returns bool language sql return true",
      "alter table public.t add check (f(i))",
      "f",
    ],
  ])("is rejected when another file creates it: %s", async (_, first, second, name) => {
    expect(await refusal(first, second)).toBe(
      `unqualified: 000002_a.sql:1: ${name} has no schema: write public.${name}`,
    );
  });

  it.each([
    [
      "in the catalog",
      "select 1 from pg_class where oid = 'pg_class'::regclass and lower(relname) = ''",
    ],
    ["of a common table expression", "with t as (select 1 as id) select id from t"],
    ["that is an alias", "select 1 from public.t as x for update of x"],
    [
      "of a temporary table",
      "create temp table t (id int); insert into t values (1); create index i on t (id); drop table t",
    ],
    ["in create schema", "create schema s create table t (id int) create view v as select 1"],
    ["on a foreign server", "import foreign schema a limit to (t) from server s into public"],
    [
      "in the text of a function",
      "create function public.f() returns int language sql set search_path = public as 'select id from t'",
    ],
    [
      "after the file sets a search path",
      "set local search_path = public; create table t (id int)",
    ],
    [
      "after a function sets a search path",
      "select set_config('search_path', 'public', true); create table t (id int)",
    ],
    [
      "of transition tables",
      "create trigger a after insert on public.t referencing new table as n execute function public.f()",
    ],
    ["as new name in a rename", "alter table public.t rename to u"],
    ["of a function that no file creates", "select now()"],
  ])("is accepted %s", async (_, sql) => {
    expect(await refusal(sql)).toBeUndefined();
  });

  it("is rejected before the file sets a search path", async () => {
    expect(await refusal("create table t (id int); set local search_path = public")).toContain(
      "t has no schema",
    );
  });

  it("is reported once for each file", async () => {
    expect(await refusal("create table t (id int); create table u (id int)", "drop table v")).toBe(
      "unqualified: 000001_a.sql:1: t has no schema: write public.t\n" +
        "unqualified: 000002_a.sql:1: v has no schema: write public.v",
    );
  });
});
