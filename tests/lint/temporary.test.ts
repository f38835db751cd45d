import { RULES } from "../../lint/rules/rules";
import { found } from "./found";

const ALL = RULES.map(({ name }) => name);
const HEAD = "--! lock_timeout 2s\n--! statement_timeout 60s\n";

it.each([
  "create temp table t (i int primary key, j json, unique (j));",
  "create temporary table t (i int) on commit drop;",
  "create local temporary table t (i int);",
  "create temp table t as select 1 as i;",
  "select 1 as i into temp t;",
  "create table pg_temp.t (i int);",
  "create temp table if not exists t (i int);",
])("the rules accept a temporary table, also without its schema: %s", async (make) => {
  const use = `
    insert into t values (1); select * from t, pg_temp.t as p; update t set i = 2 where i = 1;
    alter table t add column k serial; create index t_i on t (i); create index t_i2 on t (i);
    comment on table t is 'x'; comment on column t.i is 'x'; analyze t; select 't'::regclass;
    create function pg_temp.f(x t) returns void language sql security invoker
      set search_path = pg_catalog, pg_temp as 'select 1';
    alter table t rename column i to h; drop index t_i; alter table t rename to s;
    do $$ begin insert into s values (3); perform from s tablesample system (50); end $$;
    truncate s; delete from s; drop table s;`;
  expect(await found(ALL, HEAD + make + use)).toEqual([]);
});

it.each([
  "create temp view v as select 1 as a; select * from v; drop view v;",
  "create temp sequence v; alter sequence v restart; drop sequence v;",
  "do $$ begin create temp table v (a int); insert into v values (1); end $$; drop table v;",
])("the rules accept other temporary objects without a schema: %s", async (sql) => {
  expect(await found(ALL, HEAD + sql)).toEqual([]);
});

it("the rules forget a temporary table at the end of its file", async () => {
  const make = `${HEAD}create temp table t (i int);`;
  const use = `${HEAD}insert into t values (1);`;
  expect(await found(ALL, make, use)).toEqual([expect.stringMatching(/^2:3 schema-qualified: /)]);
});

it("the rules report an unqualified name before its temporary table is created", async () => {
  const sql = `${HEAD}insert into t values (1);\ncreate temp table t (i int);`;
  expect(await found(ALL, sql)).toHaveLength(1);
});

it("the rules know a function's temporary table only in that function's body", async () => {
  const sql = `${HEAD}create function public.f() returns void language plpgsql security invoker
    set search_path = pg_catalog, pg_temp as $$ begin
      create temp table t (i int); insert into t values (1); end $$;
insert into t values (1);`;
  expect(await found(ALL, sql)).toEqual([expect.stringMatching(/^1:6 schema-qualified: /)]);
});

it("the rules know the columns and keys that a table copies from a temporary one", async () => {
  const sql = `${HEAD}create temp table t (i int, constraint k primary key (i));
create table public.c (like t including all); comment on table public.c is 'C.';
create table public.d as select * from t; comment on table public.d is 'D.';`;
  expect(await found(ALL, sql)).toEqual(["1:5 primary-key: Give public.d a primary key."]);
});
