import { schemaOf } from "./schema-of";

const BODY = "language sql security definer set search_path = pg_catalog, pg_temp as $$ select $$";

it("the lint's model identifies functions by name and argument types, without results", async () => {
  const schema = await schemaOf(
    `create function public.f(a integer, b text[], out c text) ${BODY.replace("select", "select ''")};
     create function public.f(a text) returns table (x integer, y integer) ${BODY};
     create procedure public.p() ${BODY}`,
  );
  expect([...schema.functions.keys()]).toEqual([
    "public.f(pg_catalog.int4, text[])",
    "public.f(text)",
    "public.p()",
  ]);
});

it.each([
  ["drop function public.f(integer)", ["public.f(text)", "public.p(pg_catalog.int4)"]],
  ["drop function public.f(text), public.f(integer)", ["public.p(pg_catalog.int4)"]],
  ["drop procedure public.p(integer)", ["public.f(pg_catalog.int4)", "public.f(text)"]],
  ["drop procedure public.p", ["public.f(pg_catalog.int4)", "public.f(text)"]],
  ["drop routine public.f(text)", ["public.f(pg_catalog.int4)", "public.p(pg_catalog.int4)"]],
])("the lint's model removes dropped functions: %s", async (sql, left) => {
  const schema = await schemaOf(
    `create function public.f(a integer) returns void ${BODY};
     create function public.f(a text) returns void ${BODY};
     create procedure public.p(a integer) ${BODY}`,
    sql,
  );
  expect([...schema.functions.keys()]).toEqual(left);
});

it.each([
  ["set search_path = public", { definer: true, searchPath: ["public"] }],
  ["reset search_path", { definer: true, searchPath: undefined }],
  ["set work_mem = '1MB'", { definer: true, searchPath: ["pg_catalog", "pg_temp"] }],
  ["security invoker", { definer: false, searchPath: ["pg_catalog", "pg_temp"] }],
  ["volatile", { definer: true, searchPath: ["pg_catalog", "pg_temp"] }],
])("the lint's model applies alter function: %s", async (action, expected) => {
  const schema = await schemaOf(
    `create function public.f() returns void ${BODY}; create function public.g() returns void ${BODY}`,
    `alter function public.f() ${action}`,
  );
  expect(schema.functions.get("public.f()")).toMatchObject(expected);
  expect(schema.functions.get("public.g()")).toMatchObject({
    definer: true,
    searchPath: ["pg_catalog", "pg_temp"],
  });
});

it("the lint's model treats a function without a security clause as security invoker", async () => {
  const schema = await schemaOf("create function public.f() returns void language sql as ''");
  expect(schema.functions.get("public.f()")).toMatchObject({
    definer: false,
    hasSecurityClause: false,
  });
});
