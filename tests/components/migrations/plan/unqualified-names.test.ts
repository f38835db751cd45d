import { planFiles } from "../../../../components/migrations/plan/migration-files";
import { readStatements } from "../../../../components/migrations/plan/statements";
import { unqualifiedNames } from "../../../../components/migrations/plan/unqualified-names";

/** The refusal of files, or undefined. @param texts of the first, the second and so on */
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

describe("a name without a schema", () => {
  it.each<[string, string, string]>([
    ["a table that is made", "create table t (id int)", "t"],
    ["a table of a query", "create table t as select 1", "t"],
    ["a table that a query fills", "select 1 into t", "t"],
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
    ["a table that is changed", "alter table t add id int", "t"],
    ["a table that is dropped", "drop table if exists t", "t"],
    ["a table that is read", "insert into public.a select id from t", "t"],
    ["a table that is referred to", "create table public.a (id int references t)", "t"],
    ["a table that is indexed", "create index i on t (id)", "t"],
    [
      "a table in a body that is parsed",
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
    ["a table that is granted", "grant select on t to reader", "t"],
    ["a comment", "comment on table t is 'x'", "t"],
  ])("is refused with its line: %s", async (_, sql, name) => {
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
  ])("is refused where another of the files makes it: %s", async (_, first, second, name) => {
    expect(await refusal(first, second)).toBe(
      `unqualified: 000002_a.sql:1: ${name} has no schema: write public.${name}`,
    );
  });

  it.each([
    [
      "the catalog's",
      "select 1 from pg_class where oid = 'pg_class'::regclass and lower(relname) = ''",
    ],
    ["a common table's", "with t as (select 1 as id) select id from t"],
    ["an alias", "select 1 from public.t as x for update of x"],
    [
      "a temporary table's",
      "create temp table t (id int); insert into t values (1); create index i on t (id); drop table t",
    ],
    [
      "a table's in a new schema",
      "create schema s create table t (id int) create view v as select 1",
    ],
    ["another server's", "import foreign schema a limit to (t) from server s into public"],
    [
      "in the text of a function",
      "create function public.f() returns int language sql set search_path = public as 'select id from t'",
    ],
    [
      "behind a search path of the file's own",
      "set local search_path = public; create table t (id int)",
    ],
    [
      "behind one that is set by a function",
      "select set_config('search_path', 'public', true); create table t (id int)",
    ],
    [
      "new and old rows of a trigger",
      "create trigger a after insert on public.t referencing new table as n execute function public.f()",
    ],
    ["a new name", "alter table public.t rename to u"],
    ["a function that nobody of the files makes", "select now()"],
  ])("is taken where it is found: %s", async (_, sql) => {
    expect(await refusal(sql)).toBeUndefined();
  });

  it("is refused before the file sets a search path", async () => {
    expect(await refusal("create table t (id int); set local search_path = public")).toContain(
      "t has no schema",
    );
  });

  it("is refused in each file, the first of each", async () => {
    expect(await refusal("create table t (id int); create table u (id int)", "drop table v")).toBe(
      "unqualified: 000001_a.sql:1: t has no schema: write public.t\n" +
        "unqualified: 000002_a.sql:1: v has no schema: write public.v",
    );
  });
});
