import { loadModule, parseSync } from "libpg-query";
import { joinedName, relationName, typeText } from "../../components/sql-text/sql-names";
import { textWithoutPositions, textOf, walk } from "../../components/sql-text/parse-tree";

beforeAll(loadModule);

it.each([
  ["select 1 from a.b join c on true", ["a.b", "c"]],
  ["alter table a.b add column c integer", ["a.b"]],
  ["create trigger t before insert on a.b for each row execute function f()", ["a.b"]],
  [
    "create constraint trigger t after insert on a.b from a.c for each row execute function f()",
    ["a.b", "a.c"],
  ],
  ["alter table a.b add foreign key (x) references a.c", ["a.b", "a.c"]],
  ["create table a.b as select 1", ["a.b"]],
  ["create materialized view a.b as select 1 from a.c", ["a.b", "a.c"]],
  ["create view a.b as select 1 from a.c", ["a.b", "a.c"]],
  ["create sequence a.b", ["a.b"]],
  ["alter sequence a.b restart", ["a.b"]],
  ["create policy p on a.b using (exists (select 1 from a.c))", ["a.b", "a.c"]],
  ["create type a.b as (x integer)", ["a.b"]],
  ["lock table a.b, a.c", ["a.b", "a.c"]],
  ["insert into a.b select 1 union select 2 from a.c", ["a.b", "a.c"]],
  ["select 1 from a.b tablesample system (50)", ["a.b"]],
  ["select 1 from a.b as x tablesample bernoulli (1) join lateral a.c() on true", ["a.b"]],
  ["delete from a.b using a.c tablesample system (1) repeatable (2)", ["a.b", "a.c"]],
])("walk finds the relations of %s", (sql, expected) => {
  const found: string[] = [];
  walk(parseSync(sql), { RangeVar: (node) => found.push(relationName(node)) });
  expect(found.sort()).toEqual(expected);
});

it.each([
  ["create function f(x a.b, y a.c[]) returns a.d as '' language c", ["a.b", "a.c[]", "a.d"]],
  ["create table t (x a.b)", ["a.b"]],
  ["create table t of a.b", ["a.b"]],
  ["create cast (a.b as a.c) without function", ["a.b", "a.c"]],
  ["create domain d as a.b", ["a.b"]],
  ["select x::a.b", ["a.b"]],
])("walk finds the types of %s", (sql, expected) => {
  const found: string[] = [];
  walk(parseSync(sql), { TypeName: (node) => found.push(typeText(node)) });
  expect(found.sort()).toEqual(expected);
});

it.each([
  ["alter function a.b() volatile", ["a.b"]],
  ["drop function a.b(), a.c()", ["a.b", "a.c"]],
  ["grant execute on function a.b() to x", ["a.b"]],
])("walk finds the functions that %s names", (sql, expected) => {
  const found: string[] = [];
  walk(parseSync(sql), { ObjectWithArgs: ({ objname }) => found.push(joinedName(objname)) });
  expect(found).toEqual(expected);
});

it("walk finds function calls, including that of a call statement", () => {
  const found: string[] = [];
  const visitor = {
    FuncCall: ({ funcname }: { funcname?: Parameters<typeof joinedName>[0] }) =>
      found.push(joinedName(funcname)),
  };
  walk(parseSync("call a.b(a.c()); select 1 where a.d()"), visitor);
  expect(found).toEqual(["a.b", "a.c", "a.d"]);
});

it("textOf reads strings, also named or cast, but no computed values", () => {
  const texts: (string | undefined)[] = [];
  walk(parseSync("select f('a', x => 'b', 'c'::text, '', 1, g('d'), 'e' || 'f')"), {
    FuncCall: ({ args = [] }) => {
      if (args.length > 1) texts.push(...args.map(textOf));
    },
  });
  expect(texts).toEqual(["a", "b", "c", "", undefined, undefined, undefined]);
});

it("normalised trees are equal regardless of their position in the text", () => {
  const tree = (sql: string): string => {
    const [statement] = parseSync(sql).stmts ?? [];
    return textWithoutPositions(statement?.stmt);
  };
  expect(tree("select  a from  b where c = 'd'")).toBe(tree("select a from b where c = 'd'"));
  expect(tree("select a from b where c = 'd'")).not.toBe(tree("select a from b where c = 'e'"));
});
