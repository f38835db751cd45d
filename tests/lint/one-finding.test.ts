import * as path from "node:path";
import { readDatabase } from "../../lint/lint-database";
import { ruleFindings } from "../../lint/rules/rules";
import { squawkFindings, squawkProgram } from "../../lint/squawk";

const PROGRAM = squawkProgram(path.resolve(__dirname, "../.."));
const HEAD = "--! lock_timeout 2s\n--! statement_timeout 60s\n";

it.each([
  ["truncate public.users cascade;", ["unbounded-change"]],
  ["truncate public.users;", ["unbounded-change"]],
  ["do $$ begin truncate public.users cascade; end $$;", ["unbounded-change"]],
  [
    "create table public.t (id bigint, constraint k primary key (id)); comment on table public.t is 'T.'; truncate public.t cascade;",
    [],
  ],
  ["delete from public.users;", ["unbounded-change"]],
  ["lock table public.users;", ["table-lock"]],
  ["do $$ begin execute 'drop database x'; end $$;", ["only-schema"]],
  ["alter database sark reset all;", ["only-schema"]],
  ["discard plans;", ["session-settings"]],
  ["set session characteristics as transaction read only;", ["session-settings"]],
])("the lint reports one finding for one fault: %s", async (sql, rules) => {
  const reading = await readDatabase("sark", "sql/x", { "000001_x.sql": HEAD + sql });
  if ("findings" in reading) throw new Error(JSON.stringify(reading.findings));
  const found = [
    ...ruleFindings(reading.database),
    ...(await squawkFindings(PROGRAM, reading.database)),
  ];
  expect(found.map(({ rule }) => rule)).toEqual(rules);
});
