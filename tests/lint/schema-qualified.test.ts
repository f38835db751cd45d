import { readDatabase } from "../../lint/lint-database";
import { ruleFindings } from "../../lint/rules/rules";

const DIRECTIVES = "--! lock_timeout 2s\n--! statement_timeout 60s\n";

/** The rule's texts for statements, without duplicates. */
async function said(...statements: readonly string[]): Promise<readonly string[]> {
  const sql = `${DIRECTIVES}${statements.join(";\n")};\n`;
  const reading = await readDatabase("sark", "sql/x", { "000001_x.sql": sql });
  if ("findings" in reading) throw new Error(JSON.stringify(reading.findings));
  const texts = ruleFindings(reading.database)
    .filter(({ rule }) => rule === "schema-qualified")
    .map(({ text }) => text);
  return [...new Set(texts)];
}

it.each([
  ["create table things (id bigint)", "things has no schema: write public.things."],
  ["select 'things'::regclass", "things has no schema: write public.things."],
  ["select setval('things_id_seq', 1)", "things_id_seq has no schema: write public.things_id_seq."],
  ["select currval('things_id_seq')", "things_id_seq has no schema: write public.things_id_seq."],
  ["drop function if exists f(integer)", "f has no schema: write public.f."],
  ["drop procedure if exists f()", "f has no schema: write public.f."],
  ["drop aggregate if exists f(integer)", "f has no schema: write public.f."],
  ["comment on function f() is 'x'", "f has no schema: write public.f."],
  // Triggers, policies, rules, columns and constraints have the schema of their table.
  ["drop trigger if exists touch on things", "things has no schema: write public.things."],
  ["drop policy if exists own on things", "things has no schema: write public.things."],
  ["drop rule if exists own on things", "things has no schema: write public.things."],
  ["comment on column things.name is 'x'", "things has no schema: write public.things."],
  ["comment on constraint c on things is 'x'", "things has no schema: write public.things."],
  ["comment on trigger touch on things is 'x'", "things has no schema: write public.things."],
])("schema-qualified asks for the schema in: %s", async (statement, text) => {
  expect(await said(statement)).toEqual([text]);
});

describe("schema-qualified accepts catalog names without a schema", () => {
  it.each([
    "select 'pg_class'::regclass",
    "select count(*) from pg_indexes",
    "select 'pg_catalog.pg_class'::regclass, oid::regclass from pg_class",
    "lock table pg_class in access share mode",
    "revoke execute on function pg_sleep(double precision) from public",
    "grant execute on function lower(text) to sark_reader",
    "create operator class public.o for type integer using btree as function 1 btint4cmp(integer, integer)",
    "create function public.f() returns void language sql begin atomic select 'pg_class'::regclass; end",
  ])("%s", async (statement) => {
    expect(await said(statement)).toEqual([]);
  });

  it("unless the files create the object", async () => {
    expect(await said("create table pg_things (id bigint)")).toEqual([
      "pg_things has no schema: write public.pg_things.",
    ]);
    expect(
      await said("create view public.pg_things as select 1", "select * from pg_things"),
    ).toEqual(["pg_things has no schema: write public.pg_things."]);
    expect(await said("alter table public.a rename to pg_a", "select 'pg_a'::regclass")).toEqual([
      "pg_a has no schema: write public.pg_a.",
    ]);
  });

  it("unless an extension creates the object", async () => {
    expect(await said("select * from pg_stat_statements")).toEqual([
      "pg_stat_statements has no schema: write public.pg_stat_statements.",
    ]);
  });
});

it("schema-qualified suggests the schema in which the files create the object", async () => {
  expect(await said("create table report.daily (id bigint)", "drop table daily")).toEqual([
    "daily has no schema: write report.daily.",
  ]);
  expect(
    await said(
      "create function report.f() returns integer language sql as 'select 1'",
      "select f()",
    ),
  ).toEqual(["f has no schema: write report.f."]);
  expect(
    await said(
      "create table report.daily (id bigint)",
      "create table public.daily (id bigint)",
      "drop table daily",
    ),
  ).toEqual(["daily has no schema: write public.daily."]);
});

describe("schema-qualified accepts unqualified names inside create schema, where PostgreSQL refuses others", () => {
  it.each([
    "create schema extra create table things (id bigint) create view v as select id from things",
    "create schema extra create sequence s create index i on things (id)",
    "do $$ begin create schema extra create table things (id bigint); end $$",
    "create function public.f() returns void language sql as 'create schema extra create table things (id bigint)'",
    "import foreign schema a limit to (things) from server s into extra",
  ])("%s", async (statement) => {
    expect(await said(statement)).toEqual([]);
  });

  it("unless the name is used after the statement", async () => {
    expect(await said("create schema extra create table a (id bigint)", "drop table a")).toEqual([
      "a has no schema: write public.a.",
    ]);
    expect(
      await said(
        "create function public.f() returns void language sql as 'create schema e create table a (id bigint); select from b'",
      ),
    ).toEqual(["b has no schema: write public.b."]);
  });
});

it("schema-qualified accepts the aliases after for update of", async () => {
  expect(await said("select 1 from public.things t for update of t")).toEqual([]);
  expect(await said("select 1 from public.things for share of things")).toEqual([]);
  expect(await said("select 1 from things t for update of t")).toEqual([
    "things has no schema: write public.things.",
  ]);
});
