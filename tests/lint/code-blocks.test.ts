import * as path from "node:path";
import { readDatabase } from "../../lint/lint-database";
import type { ParsedDatabase } from "../../lint/parsed";
import { ruleFindings } from "../../lint/rules/rules";
import { squawkFindings, squawkProgram } from "../../lint/squawk";

const PROGRAM = squawkProgram(path.resolve(__dirname, "../.."));

jest.setTimeout(60_000);

const HEAD = "--! lock_timeout 2s\n--! statement_timeout 60s\n";

async function read(sql: string): Promise<ParsedDatabase> {
  const reading = await readDatabase("sark", "sql/x", { "000001_x.sql": HEAD + sql });
  if ("findings" in reading) throw new Error(JSON.stringify(reading.findings));
  return reading.database;
}

/** Lines, counted behind the directives, and rules. */
async function findingsOf(sql: string): Promise<readonly string[]> {
  const database = await read(sql);
  const findings = [...ruleFindings(database), ...(await squawkFindings(PROGRAM, database))];
  return [...new Set(findings.map(({ line, rule }) => `${line - 2} ${rule}`))].sort();
}

const DANGERS = [
  "alter table public.users alter column is_admin type int using 1",
  "alter table public.users drop column ldap_dn",
  "create index i on public.users (is_active)",
  "alter table public.users add constraint c check (is_active)",
  "alter table public.users\n  add constraint c foreign key (a)\n  references public.others (id)",
  "alter table public.users add constraint c unique (a)",
  "alter table public.users alter column a set not null",
  "alter table public.users rename to people",
  "alter table public.users rename column a to b",
  "drop index public.users_a_idx",
  "drop table public.users",
  "drop table public.users cascade",
  "alter table public.users set unlogged",
  "create table public.t (id int,\n  at timestamp)",
  "create role r",
  "alter database sark reset all",
  "discard plans",
  "set lock_timeout = 0",
  "grant select on public.users to public",
  "create table u (id bigint)",
];

/** Ways to write a statement into a `do` block, with its first line on the second line of the file. */
const BLOCKS: readonly (readonly [string, (sql: string) => string])[] = [
  ["plain", (sql) => `do $$ begin\n${sql};\nend $$;`],
  ["behind a declaration", (sql) => `do $x$ declare n int := 1; begin\n${sql};\nend $x$;`],
  ["in a condition", (sql) => `do $$ begin if true then\n${sql};\nend if; end $$;`],
  [
    "in an exception handler",
    (sql) => `do $$ begin null; exception when others then\n${sql};\nend $$;`,
  ],
  ["in a loop", (sql) => `do $$ begin for i in 1..2 loop\n${sql};\nend loop; end $$;`],
  ["in execute", (sql) => `do $$ begin\nexecute '${sql.replaceAll("'", "''")}';\nend $$;`],
  ["in execute, in dollars", (sql) => `do $$ begin\nexecute $x$${sql}$x$;\nend $$;`],
  [
    "in execute of format",
    (sql) => `do $$ begin\nexecute format('${sql.replaceAll("'", "''")}');\nend $$;`,
  ],
];

it.each(BLOCKS)(
  "the lint reports the same for a statement in a do block as outside: %s",
  async (_, inBlock) => {
    const outside = await findingsOf(DANGERS.map((sql) => `--\n${sql};\n--`).join("\n"));
    const linesFound = outside.map((each) => Number(each.split(" ")[0]));
    let line = 2;
    for (const sql of DANGERS) {
      const last = line + sql.split("\n").length - 1;
      expect(linesFound.filter((each) => line <= each && each <= last)).not.toEqual([]);
      line = last + 3;
    }
    expect(await findingsOf(DANGERS.map(inBlock).join("\n"))).toEqual(outside);
  },
);

it("the lint reports correct lines before, in and after do blocks", async () => {
  const sql = `do $$
begin
  -- A comment.
  alter table public.users drop column a; alter table public.users drop column b;

  execute 'alter table public.users
    drop column c; drop table public.things';
end
$$;
drop table public.first;
-- é
do language plpgsql $$ begin
  drop table public.second; end $$; drop table public.third;
drop table public.fourth;`;
  expect(await findingsOf(sql)).toEqual(
    [
      "4 squawk/ban-drop-column",
      "7 squawk/ban-drop-column",
      "7 squawk/ban-drop-table",
      "10 squawk/ban-drop-table",
      "13 squawk/ban-drop-table",
      "14 squawk/ban-drop-table",
    ].sort(),
  );
});

it("the lint reports correct lines after a do block with escaped line breaks", async () => {
  const sql =
    "do $$ begin\nexecute E'drop table\\n\\n\\n-- c\\npublic.a';\nend $$;\ndrop table public.b;";
  expect(await findingsOf(sql)).toEqual(["2 squawk/ban-drop-table", "4 squawk/ban-drop-table"]);
});

const COMPUTED = "computed-execute";

it.each([
  ["execute x;", ["2"]],
  ["execute 'drop table ' || x;", ["2"]],
  ["execute format('drop table %I', x);", ["2"]],
  ["perform 1;\nexecute x; execute x;\nexecute x;", ["3"]],
  ["for x in execute x loop null; end loop;", ["2"]],
  ["open c for execute x;", ["2"]],
  ["execute 'no sql';", ["2"]],
  ["execute 'drop table ' || 'public.t';", []],
  ["execute format('select ''100%%''');", []],
  ["execute 'select $1' using x;", []],
  ["execute 'select 1' into x;", []],
])(
  "computed-execute reports a computed statement once for each do block: %s",
  async (body, lines) => {
    const block = `do $$ declare x text; c refcursor; begin\n${body}\nend $$;`;
    const database = await read(`${block}\n${block}`);
    const found = ruleFindings(database).filter(({ rule }) => rule === COMPUTED);
    const down = block.split("\n").length;
    expect(found.map(({ line }) => line - 2)).toEqual([
      ...lines.map(Number),
      ...lines.map((line) => Number(line) + down),
    ]);
  },
);

it("the lint ignores dangerous statements in a function body, which runs only when called", async () => {
  const sql = `create function public.f(x text) returns void language plpgsql security invoker
    set search_path = pg_catalog, pg_temp as $$ begin
      drop table public.users; execute x; create index i on public.users (a);
    end $$;`;
  expect(await findingsOf(sql)).toEqual([]);
});

it("the lint refuses a do block with a PL/pgSQL syntax error", async () => {
  const text = "do $$ begin\n  if true then;\nend $$;";
  const reading = await readDatabase("sark", "sql/x", { "000001_x.sql": HEAD + text });
  expect(reading).toMatchObject({ findings: [{ rule: "runner/syntax", line: 3 }] });
});
